/// \file
/// Convolutions whose windows are bent: each tap is moved by an offset of its own and read between the elements.
#pragma once

#include "Conv.hxx"

#include <cmath>

namespace Kernel {

/// A place between the elements of an image: its four neighbours and their shares; what is outside the image is 0.
template <class T>
struct Between {
   size_t fAt[4];
   T fShare[4];

   SOFIE_INLINE Between(T row, T column, size_t rows, size_t columns)
   {
      for (int i = 0; i < 4; ++i) {
         fAt[i] = 0;
         fShare[i] = T(0);
      }
      // A NaN is nowhere.
      if (!(row > T(-1) && row < T(rows) && column > T(-1) && column < T(columns)))
         return;
      T const top = std::floor(row), left = std::floor(column);
      for (int i = 0; i < 4; ++i) {
         T const r = top + T(i / 2), c = left + T(i % 2);
         if (r < T(0) || r >= T(rows) || c < T(0) || c >= T(columns))
            continue;
         fAt[i] = size_t(r) * columns + size_t(c);
         fShare[i] = (i / 2 ? row - top : T(1) - (row - top)) * (i % 2 ? column - left : T(1) - (column - left));
      }
   }
   SOFIE_INLINE T Of(T const *image) const
   {
      T sum = T(0);
      for (int i = 0; i < 4; ++i)
         sum += fShare[i] * image[fAt[i]];
      return sum;
   }
};

/// y = f(bias + weights * bent windows of x), over two dimensions. Scratch: a panel of channels * taps + 1 lines.
template <class T>
struct DeformConv {
   /// \param offsets images x offsetGroups x taps x (row, column) x windows. \param mask a factor of each tap, or nullptr.
   template <int W, class F>
   static SOFIE_INLINE void Run(ConvSizes const &s, Window const &w, size_t offsetGroups, T const *x, T const *weights,
                                T const *offsets, T const *bias, T const *mask, T *y, T *scratch, F f)
   {
      size_t const depth = s.fChannels * w.Taps();
      size_t const outputs = w.Outputs();
      size_t const perOffset = s.fChannels * s.fGroups / offsetGroups;
      for (size_t image = 0; image < s.fImages; ++image) {
         for (size_t group = 0; group < s.fGroups; ++group, y += s.fRows * outputs)
            for (size_t first = 0; first < outputs; first += kPanel<T, W>) {
               size_t const count = outputs - first < kPanel<T, W> ? outputs - first : kPanel<T, W>;
               Pack<W>(s, w, perOffset, group * s.fChannels, x, offsets, mask, scratch, first, count);
               PanelRows<T, W, kVectors>(s.fRows, depth, weights + group * s.fRows * depth, Strides{depth, 1}, scratch,
                                         bias ? bias + group * s.fRows : nullptr, y + first, outputs, count, f);
            }
         x += s.fChannels * s.fGroups * w.Inputs();
         offsets += 2 * offsetGroups * w.Taps() * outputs;
         if (mask)
            mask += offsetGroups * w.Taps() * outputs;
      }
   }

private:
   /// The windows [first, first + count) of a group as a panel, behind a line of zeros.
   template <int W>
   static SOFIE_INLINE void Pack(ConvSizes const &s, Window const &w, size_t perOffset, size_t firstChannel, T const *x,
                                 T const *offsets, T const *mask, T *panel, size_t first, size_t count)
   {
      size_t const taps = w.Taps();
      size_t const outputs = w.Outputs();
      std::memset(static_cast<void *>(panel), 0, (s.fChannels * taps + 1) * kPanel<T, W> * sizeof(T));
      panel += kPanel<T, W>;
      for (size_t tap = 0; tap < taps; ++tap)
         for (size_t i = 0; i < count; ++i) {
            size_t const at = first + i;
            T const row = T(at / w.fOut[2] * w.fStride[1] + tap / w.fKernel[2] * w.fDilation[1]) - T(w.fPad[1]);
            T const column = T(at % w.fOut[2] * w.fStride[2] + tap % w.fKernel[2] * w.fDilation[2]) - T(w.fPad[2]);
            for (size_t c = 0; c < s.fChannels;) {
               size_t const offsetGroup = (firstChannel + c) / perOffset;
               size_t const line = offsetGroup * taps + tap;
               Between<T> const between(row + offsets[2 * line * outputs + at],
                                        column + offsets[(2 * line + 1) * outputs + at], w.fIn[1], w.fIn[2]);
               T const factor = mask ? mask[line * outputs + at] : T(1);
               for (; c < s.fChannels && (firstChannel + c) / perOffset == offsetGroup; ++c)
                  panel[(c * taps + tap) * kPanel<T, W> + i] = factor * between.Of(x + (firstChannel + c) * w.Inputs());
            }
         }
   }
};

} // namespace Kernel
