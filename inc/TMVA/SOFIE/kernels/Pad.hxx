/// \file
/// A tensor with a margin on every side.
#pragma once

#include "Vector.hxx"

namespace Kernel {

/// Of R dimensions, from the outermost on: the margin before x, the size of x, the size of y, and how far x moves in one step.
template <size_t R>
struct Frame {
   size_t fBefore[R > 0 ? R : 1];
   size_t fSize[R > 0 ? R : 1];
   size_t fOut[R > 0 ? R : 1];
   size_t fStride[R > 0 ? R : 1];
};

/// A place of x that does not exist.
constexpr size_t kNowhere = ~size_t(0);

// Which place of x, of `size` ones, is at a place of y, `before` of which are margin. Only the constant one knows nowhere, and only it
// takes a size of 0.
struct ConstantMargin {
   static SOFIE_INLINE size_t Place(size_t i, size_t before, size_t size)
   {
      return i - before < size ? i - before : kNowhere;
   }
};
struct EdgeMargin {
   static SOFIE_INLINE size_t Place(size_t i, size_t before, size_t size)
   {
      return i < before ? 0 : i - before < size ? i - before : size - 1;
   }
};
struct WrapMargin {
   static SOFIE_INLINE size_t Place(size_t i, size_t before, size_t size)
   {
      return i < before ? size - 1 - (before - 1 - i) % size : (i - before) % size;
   }
};
/// Mirrored at the first and the last element, again and again where the margin is wider than x.
struct ReflectMargin {
   static SOFIE_INLINE size_t Place(size_t i, size_t before, size_t size)
   {
      size_t const period = size > 1 ? 2 * (size - 1) : 1;
      size_t const place = (i < before ? before - i : i - before) % period;
      return place < size ? place : period - place;
   }
};

/// y = x in a frame of R dimensions and, inside them, one along which whole parts of `run` elements are copied.
template <class T, class Mode>
struct Pad {
   template <int W, size_t R, class Size, class Part>
   static SOFIE_INLINE void Run(Frame<R> const &frame, size_t before, Size size, size_t after, Part run, T const *x,
                                size_t begin, T value, T *y)
   {
      size_t index[R > 0 ? R : 1] = {};
      for (size_t d = 0; d < R; ++d)
         if (frame.fOut[d] == 0)
            return;
      while (true) {
         size_t place = begin;
         bool isInside = true;
         for (size_t d = 0; d < R; ++d) {
            size_t const source = Mode::Place(index[d], frame.fBefore[d], frame.fSize[d]);
            isInside = isInside && source != kNowhere;
            place += source * frame.fStride[d];
         }
         Line(before, size, after, run, isInside ? x + place : nullptr, value, y);
         y += (before + size + after) * run;
         size_t d = R;
         while (d > 0 && ++index[d - 1] == frame.fOut[d - 1])
            index[--d] = 0;
         if (d == 0)
            return;
      }
   }

private:
   template <class Size, class Part>
   static SOFIE_INLINE void Line(size_t before, Size size, size_t after, Part run, T const *x, T value, T *y)
   {
      if (!x) {
         Fill((before + size + after) * run, value, y);
      } else if constexpr (std::is_same<Mode, ConstantMargin>::value) {
         Fill(before * run, value, y);
         std::memcpy(y + before * run, x, size * run * sizeof(T));
         Fill(after * run, value, y + (before + size) * run);
      } else {
         for (size_t i = 0; i < before; ++i)
            std::memcpy(y + i * run, x + Mode::Place(i, before, size) * run, run * sizeof(T));
         std::memcpy(y + before * run, x, size * run * sizeof(T));
         for (size_t i = before + size; i < before + size + after; ++i)
            std::memcpy(y + i * run, x + Mode::Place(i, before, size) * run, run * sizeof(T));
      }
   }
   static SOFIE_INLINE void Fill(size_t n, T value, T *y)
   {
      for (size_t i = 0; i < n; ++i)
         y[i] = value;
   }
};

} // namespace Kernel
