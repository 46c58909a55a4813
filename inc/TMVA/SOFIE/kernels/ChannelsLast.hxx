/// \file
/// Convolutions of images whose channels are their last dimension, which come out in the same order.
#pragma once

#include "Gemm.hxx"
#include "Window.hxx"

namespace Kernel {

/// The taps of one window that lie in the input.
struct Taps {
   size_t fFirst[3];
   size_t fLast[3];

   static SOFIE_INLINE Taps Of(Window const &w, size_t const *window)
   {
      Taps taps;
      for (int d = 0; d < 3; ++d) {
         size_t const begin = window[d] * w.fStride[d];
         size_t const end = w.fIn[d] + w.fPad[d];
         // Most windows lie within the input, which is seen without a division.
         bool const isWithin = begin >= w.fPad[d] && begin + (w.fKernel[d] - 1) * w.fDilation[d] < end;
         taps.fLast[d] = isWithin ? w.fKernel[d] : w.LastTap(d, begin, end);
         taps.fFirst[d] = isWithin ? 0 : w.FirstTap(d, begin, taps.fLast[d]);
      }
      return taps;
   }
};

/// The windows of an image, one after the other in the order of the output.
class WindowState {
private:
   Window const &fWindow;

public:
   size_t fAt[3] = {0, 0, 0};
   size_t fNumber = 0;

   explicit SOFIE_INLINE WindowState(Window const &w) : fWindow(w) {}
   SOFIE_INLINE bool Done() const { return fNumber == fWindow.Outputs(); }
   SOFIE_INLINE void Next()
   {
      ++fNumber;
      for (int d = 2; d >= 0 && ++fAt[d] == fWindow.fOut[d]; --d)
         fAt[d] = 0;
   }
};

/// y = f(windows of x times weights (Depth x Columns)): each window is gathered as a row, its channels behind one another.
/// Scratch: all windows of all images.
template <class T, size_t Depth, size_t Columns>
struct ChannelsLastConv {
   template <int W, class F>
   static SOFIE_INLINE void Run(size_t images, size_t channels, Window const &w, T const *x, T const *packed, T *y,
                                T *scratch, F f)
   {
      T *row = scratch;
      for (size_t image = 0; image < images; ++image, x += w.Inputs() * channels)
         for (WindowState at(w); !at.Done(); at.Next(), row += Depth)
            Gather(channels, w, at.fAt, x, row);
      Dense<T, Depth, Columns>::template Run<W>(images * w.Outputs(), scratch, FixedStrides<Depth, 1>{}, packed, y, f);
   }

private:
   static SOFIE_INLINE void Gather(size_t channels, Window const &w, size_t const *window, T const *x, T *row)
   {
      Taps const taps = Taps::Of(w, window);
      bool const isWhole = w.fDilation[2] == 1 && taps.fFirst[2] == 0 && taps.fLast[2] == w.fKernel[2];
      for (size_t d = 0; d < w.fKernel[0]; ++d)
         for (size_t h = 0; h < w.fKernel[1]; ++h, row += w.fKernel[2] * channels) {
            if (d < taps.fFirst[0] || d >= taps.fLast[0] || h < taps.fFirst[1] || h >= taps.fLast[1]) {
               std::memset(static_cast<void *>(row), 0, w.fKernel[2] * channels * sizeof(T));
               continue;
            }
            size_t const plane = window[0] * w.fStride[0] + d * w.fDilation[0] - w.fPad[0];
            size_t const line = window[1] * w.fStride[1] + h * w.fDilation[1] - w.fPad[1];
            size_t const first = window[2] * w.fStride[2] - w.fPad[2]; // modulo 2^64 where it lies before the input
            T const *const from = x + (plane * w.fIn[1] + line) * w.fIn[2] * channels;
            if (isWhole) {
               std::memcpy(row, from + first * channels, w.fKernel[2] * channels * sizeof(T));
               continue;
            }
            for (size_t c = 0; c < w.fKernel[2]; ++c) {
               if (c < taps.fFirst[2] || c >= taps.fLast[2])
                  std::memset(static_cast<void *>(row + c * channels), 0, channels * sizeof(T));
               else
                  std::memcpy(row + c * channels, from + (first + c * w.fDilation[2]) * channels, channels * sizeof(T));
            }
         }
   }
};

/// The same of each channel by itself; the weights have their channels last as well.
template <class T>
struct ChannelsLastDepthwise {
   template <int W, class F>
   static SOFIE_INLINE void Run(size_t images, size_t channels, Window const &w, T const *x, T const *weights,
                                T const *bias, T *y, F f)
   {
      constexpr size_t kL = kLanes<T, W>;
      for (size_t image = 0; image < images; ++image, x += w.Inputs() * channels, y += w.Outputs() * channels) {
         size_t c = 0;
         for (; c + kPanel<T, W> <= channels; c += kPanel<T, W>)
            Channels<W, kVectors>(channels, w, x + c, weights + c, bias ? bias + c : nullptr, y + c, kL, f);
         for (; c + kL <= channels; c += kL)
            Channels<W, 1>(channels, w, x + c, weights + c, bias ? bias + c : nullptr, y + c, kL, f);
         if (c < channels)
            Channels<W, 1>(channels, w, x + c, weights + c, bias ? bias + c : nullptr, y + c, channels - c, f);
      }
   }

private:
   /// All windows of NV vectors of channels; the one vector of fewer lanes is the last.
   template <int W, int NV, class F>
   static SOFIE_INLINE void Channels(size_t channels, Window const &w, T const *x, T const *weights, T const *bias,
                                     T *y, size_t lanes, F const &f)
   {
      for (WindowState at(w); !at.Done(); at.Next()) {
         size_t const *const window = at.fAt;
         Vec<T, W> acc[NV] = {};
         if (bias)
            Get<W, NV>(acc, bias, lanes);
         Taps const taps = Taps::Of(w, window);
         size_t const first = window[2] * w.fStride[2] + taps.fFirst[2] * w.fDilation[2] - w.fPad[2];
         for (size_t d = taps.fFirst[0]; d < taps.fLast[0]; ++d)
            for (size_t h = taps.fFirst[1]; h < taps.fLast[1]; ++h) {
               size_t const plane = window[0] * w.fStride[0] + d * w.fDilation[0] - w.fPad[0];
               size_t const line = window[1] * w.fStride[1] + h * w.fDilation[1] - w.fPad[1];
               Row<W, NV>(acc, taps.fLast[2] - taps.fFirst[2], channels, w.fDilation[2] * channels, lanes,
                          x + ((plane * w.fIn[1] + line) * w.fIn[2] + first) * channels,
                          weights + ((d * w.fKernel[1] + h) * w.fKernel[2] + taps.fFirst[2]) * channels);
            }
#pragma GCC unroll 4
         for (int v = 0; v < NV; ++v) {
            f.template Apply<T, W>(acc[v]);
            StoreLanes<T, W>(y + at.fNumber * channels + v * kLanes<T, W>, acc[v], lanes);
         }
      }
   }

   /// The taps of a row, in blocks without a branch.
   template <int W, int NV>
   static SOFIE_INLINE void Row(Vec<T, W> *acc, size_t taps, size_t channels, size_t step, size_t lanes, T const *x,
                                T const *weights)
   {
      for (; taps >= 4; taps -= 4, x += 4 * step, weights += 4 * channels) {
#pragma GCC unroll 4
         for (size_t t = 0; t < 4; ++t)
            Tap<W, NV>(acc, lanes, x + t * step, weights + t * channels);
      }
      for (; taps > 0; --taps, x += step, weights += channels)
         Tap<W, NV>(acc, lanes, x, weights);
   }

   template <int W, int NV>
   static SOFIE_INLINE void Tap(Vec<T, W> *acc, size_t lanes, T const *x, T const *weights)
   {
      Vec<T, W> values[NV], factors[NV];
      Get<W, NV>(values, x, lanes);
      Get<W, NV>(factors, weights, lanes);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v)
         acc[v] += values[v] * factors[v];
   }

   template <int W, int NV>
   static SOFIE_INLINE void Get(Vec<T, W> *v, T const *p, size_t lanes)
   {
      if constexpr (NV == 1) {
         LoadLanes<T, W>(v[0], p, lanes);
      } else {
#pragma GCC unroll 4
         for (int i = 0; i < NV; ++i)
            Load<T, W>(v[i], p + i * kLanes<T, W>);
      }
   }
};

} // namespace Kernel
