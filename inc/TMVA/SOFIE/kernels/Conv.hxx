/// \file
/// Convolutions: the product of the weights with the matrix that has one column for each window and one line for each of its
/// elements. Of that matrix only one panel of columns exists at a time, in scratch memory.
#pragma once

#include "Gemm.hxx"
#include "Window.hxx"

namespace Kernel {

/// The sizes of a convolution beside those of its windows.
struct ConvSizes {
   size_t fImages;
   size_t fGroups;
   size_t fChannels; ///< Channels of the input in a group.
   size_t fRows;     ///< Channels of the output in a group.
};

/// y = f(bias + weights * windows of x), images x groups x channels of the output; any number of groups.
/// \tparam T float or double. Scratch: a panel of channels * taps + 1 lines, and unless w.IsDirect() the staged channels of a group.
template <class T>
struct Conv {
   template <int W, class F>
   static SOFIE_INLINE void Run(ConvSizes const &s, Window const &w, T const *x, T const *weights, T const *bias, T *y,
                                T *scratch, F f)
   {
      size_t const inputs = w.Inputs();
      size_t const outputs = w.Outputs();
      size_t const depth = s.fChannels * w.Taps();
      bool const direct = w.IsDirect();
      Layout const layout = direct ? Layout::Direct(w) : Layout::Staged(w);
      T *const stage = scratch + (depth + 1) * kPanel<T, W>;
      if (!direct)
         std::memset(static_cast<void *>(stage), 0, s.fChannels * layout.fChannel * sizeof(T));
      for (size_t image = 0; image < s.fImages; ++image)
         for (size_t group = 0; group < s.fGroups; ++group) {
            if (!direct)
               for (size_t c = 0; c < s.fChannels; ++c)
                  StageChannel<T, W>(stage + c * layout.fChannel, w, layout, x + c * inputs);
            Columns<W>(s, w, layout, direct ? x : stage, weights + group * s.fRows * depth,
                       bias ? bias + group * s.fRows : nullptr, y, scratch, f);
            x += s.fChannels * inputs;
            y += s.fRows * outputs;
         }
   }

private:
   /// All windows of one image and group, a panel at a time.
   template <int W, class F>
   static SOFIE_INLINE void Columns(ConvSizes const &s, Window const &w, Layout const &layout, T const *x,
                                    T const *weights, T const *bias, T *y, T *panel, F const &f)
   {
      size_t const outputs = w.Outputs();
      size_t const depth = s.fChannels * w.Taps();
      for (size_t first = 0; first < outputs; first += kPanel<T, W>) {
         size_t const count = outputs - first < kPanel<T, W> ? outputs - first : kPanel<T, W>;
         bool const isNarrow = count <= kLanes<T, W>;
         Pack<W>(s.fChannels, w, layout, x, panel, isNarrow ? kLanes<T, W> : kPanel<T, W>, first, count);
         if (isNarrow)
            PanelRows<T, W, 1>(s.fRows, depth, weights, Strides{depth, 1}, panel, bias, y + first, outputs, count, f);
         else
            PanelRows<T, W, kVectors>(s.fRows, depth, weights, Strides{depth, 1}, panel, bias, y + first, outputs,
                                      count, f);
      }
   }

   /// The windows [first, first + count) as a panel of so many columns, behind a line of zeros.
   template <int W>
   static SOFIE_INLINE void Pack(size_t channels, Window const &w, Layout const &layout, T const *x, T *panel,
                                 size_t columns, size_t first, size_t count)
   {
      size_t const taps = w.Taps();
      size_t const lines = count < columns ? channels * taps + 1 : 1;
      std::memset(static_cast<void *>(panel), 0, lines * columns * sizeof(T));
      panel += columns;
      size_t const column = first % w.fOut[2];
      size_t const row = first / w.fOut[2] % w.fOut[1];
      size_t const plane = first / w.fOut[2] / w.fOut[1];
      for (size_t d = 0; d < w.fKernel[0]; ++d)
         for (size_t h = 0; h < w.fKernel[1]; ++h)
            for (size_t c = 0; c < w.fKernel[2]; ++c, panel += columns) {
               T const *const tap = x + layout.Tap(w, d, h, c);
               // Piece by piece of the rows of windows; the same piece of all channels at once.
               size_t atPlane = plane, atRow = row, atColumn = column;
               for (size_t done = 0; done < count;) {
                  size_t const left = w.fOut[2] - atColumn;
                  size_t const run = left < count - done ? left : count - done;
                  EachRun<T, W>(run, CopyStep<T>{panel + done, taps * columns,
                                                 tap + layout.Windows(w, atPlane, atRow) + atColumn, layout.fChannel,
                                                 channels});
                  done += run;
                  atColumn = 0;
                  if (++atRow == w.fOut[1]) {
                     atRow = 0;
                     ++atPlane;
                  }
               }
            }
   }
};

/// The same where every group has one channel of the input: the windows are read as they are staged.
/// \tparam Taps the elements of a window. Scratch: one staged channel, and a vector of 64 bytes.
template <class T, size_t Taps>
struct DepthwiseConv {
   template <int W, class F>
   static SOFIE_INLINE void Run(ConvSizes const &s, Window const &w, T const *x, T const *weights, T const *bias, T *y,
                                T *scratch, F f)
   {
      Layout const layout = Layout::Staged(w);
      size_t offsets[Taps];
      for (size_t t = 0; t < Taps; ++t)
         offsets[t] = layout.Tap(w, t / w.fKernel[2] / w.fKernel[1], t / w.fKernel[2] % w.fKernel[1], t % w.fKernel[2]);
      std::memset(static_cast<void *>(scratch), 0, layout.fChannel * sizeof(T));
      for (size_t image = 0; image < s.fImages; ++image)
         for (size_t group = 0; group < s.fGroups; ++group, x += w.Inputs()) {
            StageChannel<T, W>(scratch, w, layout, x);
            for (size_t r = group * s.fRows; r < (group + 1) * s.fRows; ++r)
               for (size_t d = 0; d < w.fOut[0]; ++d)
                  for (size_t h = 0; h < w.fOut[1]; ++h, y += w.fOut[2])
                     Row<W>(w.fOut[2], offsets, scratch + layout.Windows(w, d, h), weights + r * Taps,
                            bias ? bias[r] : T(0), y, f);
         }
   }

private:
   template <int W, class F>
   static SOFIE_INLINE void Row(size_t n, size_t const *offsets, T const *x, T const *weights, T start, T *y,
                                F const &f)
   {
      constexpr size_t kL = kLanes<T, W>;
      size_t i = 0;
      for (; i + kPanel<T, W> <= n; i += kPanel<T, W>)
         Windows<W, kVectors>(kL, kL, offsets, x + i, weights, start, y + i, f);
      for (; i + 2 * kL <= n; i += 2 * kL)
         Windows<W, 2>(kL, kL, offsets, x + i, weights, start, y + i, f);
      // The rest is less than two vectors: they overlap, or one overlaps with those before it.
      if (i + kL < n)
         Windows<W, 2>(n - i - kL, kL, offsets, x + i, weights, start, y + i, f);
      else if (i < n && n >= kL)
         Windows<W, 1>(kL, kL, offsets, x + n - kL, weights, start, y + n - kL, f);
      else if (i < n)
         Windows<W, 1>(kL, n, offsets, x, weights, start, y, f);
   }

   /// NV vectors of windows, each a step behind the one before it, of which the first lanes are there.
   template <int W, int NV, class F>
   static SOFIE_INLINE void Windows(size_t step, size_t lanes, size_t const *offsets, T const *x, T const *weights,
                                    T start, T *y, F const &f)
   {
      constexpr size_t kBlock = Taps < 12 ? Taps : 8;
      constexpr int kChains = 4 / NV; // enough independent sums to hide the latency of a multiply-add
      Vec<T, W> acc[kChains * NV] = {};
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v)
         Splat<T, W>(acc[v], start);
      size_t t = 0;
      for (; t + kBlock <= Taps; t += kBlock)
         TapSteps<W, NV, kChains>(acc, step, offsets + t, x, weights + t, std::make_integer_sequence<int, kBlock>{});
      if constexpr (Taps % kBlock > 0)
         TapSteps<W, NV, kChains>(acc, step, offsets + t, x, weights + t,
                                  std::make_integer_sequence<int, Taps % kBlock>{});
#pragma GCC unroll 4
      for (int s = kChains / 2; s > 0; s /= 2)
#pragma GCC unroll 4
         for (int i = 0; i < s * NV; ++i)
            acc[i] += acc[i + s * NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
         f.template Apply<T, W>(acc[v]);
         StoreLanes<T, W>(y + v * step, acc[v], lanes);
      }
   }

   template <int W, int NV, int KS, int... K>
   static SOFIE_INLINE void TapSteps(Vec<T, W> *acc, size_t step, size_t const *offsets, T const *x, T const *weights,
                                     std::integer_sequence<int, K...>)
   {
      (TapStep<W, NV>(acc + K % KS * NV, step, x + offsets[K], weights[K]), ...);
   }

   template <int W, int NV>
   static SOFIE_INLINE void TapStep(Vec<T, W> *acc, size_t step, T const *x, T weight)
   {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
         Vec<T, W> column;
         Load<T, W>(column, x + v * step);
         acc[v] += column * weight;
      }
   }
};

} // namespace Kernel
