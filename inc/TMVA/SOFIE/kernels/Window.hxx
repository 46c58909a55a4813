/// \file
/// Windows that slide over up to three spatial dimensions; fewer are led by dimensions of size 1.
#pragma once

#include "Vector.hxx"

namespace Kernel {

/// Sizes of the input and of the output, the window, and how it moves.
struct Window {
   size_t fIn[3];
   size_t fOut[3];
   size_t fKernel[3];
   size_t fStride[3];
   size_t fDilation[3];
   size_t fPad[3];    ///< Padding before the input.
   size_t fPadEnd[3]; ///< Padding behind it.

   SOFIE_INLINE size_t Inputs() const { return fIn[0] * fIn[1] * fIn[2]; }
   constexpr SOFIE_INLINE size_t Outputs() const { return fOut[0] * fOut[1] * fOut[2]; }
   SOFIE_INLINE size_t Taps() const { return fKernel[0] * fKernel[1] * fKernel[2]; }
   /// The elements that all windows together reach over, padding included.
   SOFIE_INLINE size_t Span(int d) const { return (fOut[d] - 1) * fStride[d] + (fKernel[d] - 1) * fDilation[d] + 1; }
   /// How many of the input's elements they reach.
   SOFIE_INLINE size_t Reached(int d) const
   {
      size_t const span = Span(d);
      return span <= fPad[d] ? 0 : span - fPad[d] < fIn[d] ? span - fPad[d] : fIn[d];
   }
   /// How many taps begin in so many elements; a division takes its time.
   SOFIE_INLINE size_t Steps(int d, size_t n) const
   {
      return fDilation[d] == 1 ? n : (n + fDilation[d] - 1) / fDilation[d];
   }
   /// Of a window that begins at an element of the padded input: the tap behind the last one before `end`.
   SOFIE_INLINE size_t LastTap(int d, size_t begin, size_t end) const
   {
      size_t const taps = begin < end ? Steps(d, end - begin) : 0;
      return taps < fKernel[d] ? taps : fKernel[d];
   }
   /// And the first one in the input, at most `last`.
   SOFIE_INLINE size_t FirstTap(int d, size_t begin, size_t last) const
   {
      size_t const taps = begin < fPad[d] ? Steps(d, fPad[d] - begin) : 0;
      return taps < last ? taps : last;
   }
   /// The first window that begins in the input, at most their number, and
   SOFIE_INLINE size_t FirstInside(int d) const
   {
      size_t const windows = (fPad[d] + fStride[d] - 1) / fStride[d];
      return windows < fOut[d] ? windows : fOut[d];
   }
   /// the one behind the last one that ends in it too, at least `first`.
   SOFIE_INLINE size_t EndInside(int d, size_t first) const
   {
      size_t const end = fPad[d] + fIn[d];
      size_t const size = (fKernel[d] - 1) * fDilation[d] + 1;
      size_t const windows = end < size ? 0 : (end - size) / fStride[d] + 1;
      return windows < first ? first : windows < fOut[d] ? windows : fOut[d];
   }
   /// Whether taps of neighbouring windows are neighbours in the input as it is.
   SOFIE_INLINE bool IsDirect() const { return fStride[2] == 1 && HasNoPadding(); }
   SOFIE_INLINE bool HasNoPadding() const
   {
      return fPad[0] + fPad[1] + fPad[2] + fPadEnd[0] + fPadEnd[1] + fPadEnd[2] == 0;
   }
};

/// A window's 21 numbers in the order of its members.
constexpr Window WindowOf(size_t const (&n)[21])
{
   return {{n[0], n[1], n[2]},    {n[3], n[4], n[5]},    {n[6], n[7], n[8]},   {n[9], n[10], n[11]},
           {n[12], n[13], n[14]}, {n[15], n[16], n[17]}, {n[18], n[19], n[20]}};
}

/// The same known when the code was generated: loops over the taps then have lengths that a compiler knows.
template <size_t... N>
struct FixedWindow {
   static constexpr Window kWindow = WindowOf({N...});
   SOFIE_INLINE operator Window const &() const { return kWindow; }
};

/// How many windows there are, or 0 where that is known only when the code runs.
template <class AnyWindow>
constexpr size_t kOutputs = 0;
template <size_t... N>
constexpr size_t kOutputs<FixedWindow<N...>> = FixedWindow<N...>::kWindow.Outputs();

/// Those taps of a window that are in the input, along one dimension.
struct InputTaps {
   size_t fFirst;
   size_t fCount;
   size_t fBegin; ///< Where the first one is in memory,
   size_t fStep;  ///< and the next one from there.

   /// \param at the window's place. \param pitch from one element of the input to the next.
   SOFIE_INLINE InputTaps(Window const &w, int dimension, size_t at, size_t pitch)
   {
      size_t const begin = at * w.fStride[dimension];
      size_t const last = w.LastTap(dimension, begin, w.fPad[dimension] + w.fIn[dimension]);
      fFirst = w.FirstTap(dimension, begin, last);
      fCount = last - fFirst;
      fBegin = (begin + fFirst * w.fDilation[dimension] - w.fPad[dimension]) * pitch;
      fStep = w.fDilation[dimension] * pitch;
   }
};

/// Where a row of a channel has its elements: every stride-th one side by side, each such phase after the one before it, so that one
/// tap of neighbouring windows is a run of memory.
struct Layout {
   size_t fPhase;   ///< From one phase of a row to the next.
   size_t fRow;     ///< From one row to the next.
   size_t fPlane;   ///< From one plane of rows to the next.
   size_t fChannel; ///< From one channel to the next.

   /// The input as it is.
   static SOFIE_INLINE Layout Direct(Window const &w) { return {0, w.fIn[2], w.fIn[1] * w.fIn[2], w.Inputs()}; }
   /// A copy with its padding.
   static SOFIE_INLINE Layout Staged(Window const &w)
   {
      size_t const stride = w.fStride[2];
      size_t const phase = (w.Span(2) + stride - 1) / stride;
      return {phase, phase * stride, phase * stride * w.Span(1), phase * stride * w.Span(1) * w.Span(0)};
   }
   /// Where the tap (d, h, c) of the first window is.
   SOFIE_INLINE size_t Tap(Window const &w, size_t d, size_t h, size_t c) const
   {
      size_t const column = c * w.fDilation[2];
      return d * w.fDilation[0] * fPlane + h * w.fDilation[1] * fRow + column % w.fStride[2] * fPhase +
             column / w.fStride[2];
   }
   /// How far a row of windows is from the first one.
   SOFIE_INLINE size_t Windows(Window const &w, size_t d, size_t h) const
   {
      return d * w.fStride[0] * fPlane + h * w.fStride[1] * fRow;
   }
};

/// Steps that may be done twice, for all of n elements: whole vectors, the last one moved back to the end.
/// `step.At<W>(i, lanes)` does the elements from i on; only with fewer than 16 bytes in all are the lanes fewer than a vector's.
template <class T, int W, class Step>
SOFIE_INLINE void EachRun(size_t n, Step const &step)
{
   constexpr size_t kL = kLanes<T, W>;
   if (n >= kL) {
      for (size_t i = 0; i + kL < n; i += kL)
         step.template At<W>(i, kL);
      step.template At<W>(n - kL, kL);
   } else if constexpr (W > 16) {
      EachRun<T, W / 2>(n, step);
   } else if (n > 0) {
      step.template At<W>(0, n);
   }
}

template <class T, int W>
SOFIE_INLINE void LoadLanes(Vec<T, W> &v, T const *p, size_t n)
{
   if (n == size_t(kLanes<T, W>))
      Load<T, W>(v, p);
   else
      LoadPart<T, W>(v, p, n);
}

template <class T, int W>
SOFIE_INLINE void StoreLanes(T *p, Vec<T, W> const &v, size_t n)
{
   if (n == size_t(kLanes<T, W>))
      Store<T, W>(p, v);
   else
      StorePart<T, W>(p, v, n);
}

/// Copies to[row * toStep + i] = from[row * fromStep + i].
template <class T>
struct CopyStep {
   T *fTo;
   size_t fToStep;
   T const *fFrom;
   size_t fFromStep;
   size_t fRows;

   template <int W>
   SOFIE_INLINE void At(size_t i, size_t lanes) const
   {
      for (size_t row = 0; row < fRows; ++row) {
         Vec<T, W> v;
         LoadLanes<T, W>(v, fFrom + row * fFromStep + i, lanes);
         StoreLanes<T, W>(fTo + row * fToStep + i, v, lanes);
      }
   }
};

/// to[r * pitch + i] = from[i * stride + r] for the n elements of `from`.
template <class T, int W>
SOFIE_INLINE void SplitRow(T *to, size_t pitch, T const *from, size_t n, size_t stride)
{
   size_t done = 0; // of each phase
   if constexpr (sizeof(T) == 4 && W > 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
      // A pair is a 64-bit number, and the first of it the number's lower half.
      constexpr size_t kPairs = W / 8;
      if (stride == 2)
         for (; 2 * (done + kPairs) <= n; done += kPairs) {
            Vec<std::uint64_t, W> pairs;
            std::memcpy(&pairs, from + 2 * done, W);
            Vec<std::uint32_t, W / 2> half = __builtin_convertvector(pairs, Vec<std::uint32_t, W / 2>);
            std::memcpy(to + done, &half, W / 2);
            pairs >>= 32;
            half = __builtin_convertvector(pairs, Vec<std::uint32_t, W / 2>);
            std::memcpy(to + pitch + done, &half, W / 2);
         }
   }
   for (size_t r = 0; r < stride; ++r)
      for (size_t i = done; i * stride + r < n; ++i)
         to[r * pitch + i] = from[i * stride + r];
}

/// Copy one channel into its staged layout; the padding of `to` is 0 already.
template <class T, int W>
SOFIE_INLINE void StageChannel(T *to, Window const &w, Layout const &layout, T const *x)
{
   size_t const stride = w.fStride[2];
   size_t const count = w.Reached(2);
   size_t const planes = w.Reached(0);
   size_t const rows = w.Reached(1);
   // The elements before the first one of phase 0.
   size_t const phase = w.fPad[2] % stride;
   size_t const lead = phase == 0 ? 0 : stride - phase < count ? stride - phase : count;
   size_t const first = w.fPad[2] / stride;
   for (size_t d = 0; d < planes; ++d)
      for (size_t h = 0; h < rows; ++h) {
         T *const row = to + (w.fPad[0] + d) * layout.fPlane + (w.fPad[1] + h) * layout.fRow;
         T const *const source = x + (d * w.fIn[1] + h) * w.fIn[2];
         if (stride == 1) {
            EachRun<T, W>(count, CopyStep<T>{row + first, 0, source, 0, 1});
         } else {
            for (size_t i = 0; i < lead; ++i)
               row[(phase + i) * layout.fPhase + first] = source[i];
            SplitRow<T, W>(row + first + (phase > 0), layout.fPhase, source + lead, count - lead, stride);
         }
      }
}

} // namespace Kernel
