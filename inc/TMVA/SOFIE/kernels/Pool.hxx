/// \file
/// Pools: the maximum, the mean or the norm of each window, first down the columns of the rows that it covers, then along the row that
/// this leaves.
#pragma once

#include "Lanes.hxx"
#include "Window.hxx"

#include <limits>

namespace Kernel {

/// The maximum of a window; NaN if it holds one.
struct MaxOf {
   static constexpr bool kIsMean = false;
   template <class T>
   static constexpr T Start()
   {
      return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                  : std::numeric_limits<T>::lowest();
   }
   template <class T, int W>
   static SOFIE_INLINE void Prepare(Vec<T, W> &)
   {
   }
   template <class T, int W>
   static SOFIE_INLINE void Add(Vec<T, W> &acc, Vec<T, W> const &x)
   {
      Max{}.template Apply<T, W>(acc, x);
   }
   template <class T, int W>
   static SOFIE_INLINE void Finish(Vec<T, W> &)
   {
   }
};

/// The P-th root of the sum of |x|^P.
template <unsigned P>
struct NormOf {
   static constexpr bool kIsMean = false;
   template <class T>
   static constexpr T Start()
   {
      return T(0);
   }
   template <class T, int W>
   static SOFIE_INLINE void Prepare(Vec<T, W> &x)
   {
      if constexpr (P == 2)
         x *= x;
      else
         AbsOf<T, W>(x);
      if constexpr (P > 2)
         ForEachLane<T, W>(x, [](T lane) { return std::pow(lane, T(P)); });
   }
   template <class T, int W>
   static SOFIE_INLINE void Add(Vec<T, W> &acc, Vec<T, W> const &x)
   {
      acc += x;
   }
   template <class T, int W>
   static SOFIE_INLINE void Finish(Vec<T, W> &acc)
   {
      if constexpr (P == 2)
         ForEachLane<T, W>(acc, [](T lane) { return std::sqrt(lane); });
      if constexpr (P > 2)
         ForEachLane<T, W>(acc, [](T lane) { return std::pow(lane, T(1) / T(P)); });
   }
};

/// The mean of a window. \tparam CountsPadding whether padding counts as elements that are 0.
template <bool CountsPadding>
struct MeanOf {
   static constexpr bool kIsMean = true;
   template <class T>
   static constexpr T Start()
   {
      return T(0);
   }
   template <class T, int W>
   static SOFIE_INLINE void Prepare(Vec<T, W> &)
   {
   }
   template <class T, int W>
   static SOFIE_INLINE void Add(Vec<T, W> &acc, Vec<T, W> const &x)
   {
      acc += x;
   }
   /// The elements of the o-th window in dimension d; what ceil_mode adds behind the padding never counts.
   static SOFIE_INLINE size_t Count(Window const &w, int d, size_t o)
   {
      size_t const begin = o * w.fStride[d];
      size_t const last = w.LastTap(d, begin, w.fPad[d] + w.fIn[d] + (CountsPadding ? w.fPadEnd[d] : 0));
      return CountsPadding ? last : last - w.FirstTap(d, begin, last);
   }
};

/// y = the maximum, mean or norm of each window of each plane of x.
/// Scratch: a row of windows twice as staged, and for means the number of elements of each window in a row.
template <class T, class Of>
struct Pool {
   template <int W>
   static SOFIE_INLINE void Run(size_t planes, Window const &w, T const *x, T *y, T *scratch)
   {
      Layout const layout = Layout::Staged(w);
      T *const row = scratch;                 // the row as it is
      T *const split = scratch + layout.fRow; // and as it is staged
      T *const counts = split + layout.fRow;
      for (size_t i = 0; i < layout.fRow; ++i)
         row[i] = Of::template Start<T>();
      if constexpr (Of::kIsMean)
         for (size_t o = 0; o < w.fOut[2]; ++o)
            counts[o] = T(Of::Count(w, 2, o));
      for (size_t plane = 0; plane < planes; ++plane, x += w.Inputs())
         for (size_t d = 0; d < w.fOut[0]; ++d)
            for (size_t h = 0; h < w.fOut[1]; ++h, y += w.fOut[2]) {
               EachRun<T, W>(w.Reached(2), Down(w, d, h, x, row + w.fPad[2]));
               if (w.fStride[2] > 1)
                  SplitRow<T, W>(split, layout.fPhase, row, w.Span(2), w.fStride[2]);
               T count = 1;
               if constexpr (Of::kIsMean)
                  count = T(Of::Count(w, 0, d) * Of::Count(w, 1, h));
               EachRun<T, W>(w.fOut[2], Along{w, layout, w.fStride[2] > 1 ? split : row, counts, count, y});
            }
   }

private:
   /// Over the rows of the input that one row of windows covers.
   struct Down {
      size_t fInner, fOuter; ///< From one tap's row to the next, from one tap's plane to the next.
      size_t fInnerCount, fOuterCount;
      T const *fX;
      T *fRow;

      SOFIE_INLINE Down(Window const &w, size_t d, size_t h, T const *x, T *row)
         : fInner(w.fDilation[1] * w.fIn[2]), fOuter(w.fDilation[0] * w.fIn[1] * w.fIn[2]), fX(x), fRow(row)
      {
         fOuterCount = Reach(w, 0, d, w.fIn[1] * w.fIn[2]);
         fInnerCount = Reach(w, 1, h, w.fIn[2]);
      }
      /// The number of taps in the input, and x at the first of them.
      SOFIE_INLINE size_t Reach(Window const &w, int d, size_t o, size_t pitch)
      {
         size_t const begin = o * w.fStride[d];
         size_t const last = w.LastTap(d, begin, w.fPad[d] + w.fIn[d]);
         size_t const first = w.FirstTap(d, begin, last);
         if (first < last)
            fX += (begin + first * w.fDilation[d] - w.fPad[d]) * pitch;
         return last - first;
      }
      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> acc;
         Splat<T, W>(acc, Of::template Start<T>());
         for (size_t outer = 0; outer < fOuterCount; ++outer)
            for (size_t inner = 0; inner < fInnerCount; ++inner) {
               Vec<T, W> v;
               LoadLanes<T, W>(v, fX + outer * fOuter + inner * fInner + i, lanes);
               Of::template Prepare<T, W>(v);
               Of::template Add<T, W>(acc, v);
            }
         StoreLanes<T, W>(fRow + i, acc, lanes);
      }
   };

   /// Along the row, for neighbouring windows at once.
   struct Along {
      Window const &fWindow;
      Layout const &fLayout;
      T const *fRow;
      T const *fCounts;
      T fCount;
      T *fY;

      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> acc;
         LoadLanes<T, W>(acc, fRow + i, lanes);
         for (size_t c = 1; c < fWindow.fKernel[2]; ++c) {
            Vec<T, W> v;
            LoadLanes<T, W>(v, fRow + fLayout.Tap(fWindow, 0, 0, c) + i, lanes);
            Of::template Add<T, W>(acc, v);
         }
         if constexpr (Of::kIsMean) {
            Vec<T, W> counts;
            LoadLanes<T, W>(counts, fCounts + i, lanes);
            acc /= counts * fCount;
         } else {
            Of::template Finish<T, W>(acc);
         }
         StoreLanes<T, W>(fY + i, acc, lanes);
      }
   };
};

/// The maximum of each window and where it is, counted over the whole of x; the first one of equals.
/// \tparam IsByColumns whether the places of a plane are counted along its first dimension.
template <class T, bool IsByColumns>
struct MaxPoolWithIndices {
   template <int W>
   static SOFIE_INLINE void Run(size_t planes, Window const &w, T const *x, T *y, std::int64_t *indices)
   {
      for (size_t plane = 0; plane < planes; ++plane)
         for (size_t d = 0; d < w.fOut[0]; ++d)
            for (size_t h = 0; h < w.fOut[1]; ++h)
               for (size_t c = 0; c < w.fOut[2]; ++c)
                  One(w, plane, d, h, c, x + plane * w.Inputs(), *y++, *indices++);
   }

private:
   /// The inputs [first, last) of a window, one tap after the other.
   struct Taps {
      size_t fFirst, fLast, fStep;
      SOFIE_INLINE Taps(Window const &w, int d, size_t o) : fStep(w.fDilation[d])
      {
         size_t const begin = o * w.fStride[d];
         size_t const last = w.LastTap(d, begin, w.fPad[d] + w.fIn[d]);
         size_t const first = w.FirstTap(d, begin, last);
         fFirst = first < last ? begin + first * fStep - w.fPad[d] : 0;
         fLast = fFirst + (last - first) * fStep;
      }
   };

   static SOFIE_INLINE void One(Window const &w, size_t plane, size_t outD, size_t outH, size_t outC, T const *x, T &y,
                                std::int64_t &index)
   {
      Taps const taps[3] = {{w, 0, outD}, {w, 1, outH}, {w, 2, outC}};
      bool isEmpty = true;
      size_t best = 0;
      y = MaxOf::Start<T>();
      for (size_t d = taps[0].fFirst; d < taps[0].fLast; d += taps[0].fStep)
         for (size_t h = taps[1].fFirst; h < taps[1].fLast; h += taps[1].fStep)
            for (size_t c = taps[2].fFirst; c < taps[2].fLast; c += taps[2].fStep) {
               T const value = x[(d * w.fIn[1] + h) * w.fIn[2] + c];
               // A NaN is the largest of all.
               if (isEmpty || value > y || (value != value && y == y)) {
                  isEmpty = false;
                  y = value;
                  best = IsByColumns ? (c * w.fIn[1] + h) * w.fIn[0] + d : (d * w.fIn[1] + h) * w.fIn[2] + c;
               }
            }
      index = std::int64_t(plane * w.Inputs() + best);
   }
};

/// y = the maximum or norm of the n elements of each plane.
template <class T, class Of>
struct GlobalPool {
   template <int W>
   static SOFIE_INLINE void Run(size_t planes, size_t n, T const *x, T *y)
   {
      for (size_t plane = 0; plane < planes; ++plane, x += n) {
         Vec<T, W> acc[4];
#pragma GCC unroll 4
         for (int v = 0; v < 4; ++v)
            Splat<T, W>(acc[v], Of::template Start<T>());
         Accumulate<T, T, W, Combine>(acc, x, n, Of::template Start<T>(), Prepared{});
         acc[0][0] = FoldAll<Combine, T, W>(acc);
         Of::template Finish<T, W>(acc[0]);
         y[plane] = acc[0][0];
      }
   }

private:
   struct Prepared {
      template <class U, int W>
      SOFIE_INLINE void Apply(Vec<U, W> &x) const
      {
         Of::template Prepare<U, W>(x);
      }
   };
   struct Combine {
      template <class U, int W>
      SOFIE_INLINE void Apply(Vec<U, W> &acc, Vec<U, W> const &x) const
      {
         Of::template Add<U, W>(acc, x);
      }
   };
};

/// The mean of the n elements of each plane.
template <class T>
struct GlobalMean {
   template <int W>
   static SOFIE_INLINE void Run(size_t planes, size_t n, T const *x, T *y)
   {
      for (size_t plane = 0; plane < planes; ++plane, x += n)
         y[plane] = Accumulated<T, T, W, Add>(x, n, T(0), Identity{}) / T(n);
   }
};

} // namespace Kernel
