/// \file
/// Rows made to have mean 0 and variance 1.
#pragma once

#include "Lanes.hxx"

namespace Kernel {

/// For each row of `length` elements: y = (x - mean) / sqrt(variance + epsilon) * scale + bias; scale and bias move by StepScale
/// and StepBias (0 or 1), or are absent where that is -1. The row's mean and 1 / sqrt(...) are left where a pointer is given.
template <class T, int StepScale, int StepBias>
struct LayerNorm {
   template <int W, class Rows, class Size>
   static SOFIE_INLINE void Run(Rows rows, Size length, T epsilon, T const *x, T const *scale, T const *bias, T *y,
                                T *means, T *inverses)
   {
      constexpr size_t kStep = kLanes<T, W>;
      for (size_t r = 0; r < rows; ++r, x += length, y += length) {
         T const near = Accumulated<T, T, W, Add>(x, length, T(0), Identity{}) / T(size_t(length));
         // Differences from the rounded mean: their own mean is what the rounding took.
         WithRight<Sub, T> const centre{near};
         Vec<T, W> sums[4] = {};
         Accumulate<T, T, W, Add>(sums, x, length, near, centre);
         FoldAll<Add, T, W>(sums);
         T const rest = sums[0][0] / T(size_t(length));
         Vec<T, W> squares[4] = {};
         Accumulate<T, T, W, Add>(squares, x, length, near, Then(centre, Square{}));
         FoldAll<Add, T, W>(squares);
         T const variance = squares[0][0] / T(size_t(length)) - rest * rest;
         T const inverse = T(1) / std::sqrt((variance > T(0) ? variance : T(0)) + epsilon);
         size_t i = 0;
         for (; i + kStep <= length; i += kStep)
            Some<W>(x + i, near, rest, inverse, scale + i * (StepScale > 0), bias + i * (StepBias > 0), y + i,
                    Fixed<kStep>{});
         if (i < length)
            Some<W>(x + i, near, rest, inverse, scale + i * (StepScale > 0), bias + i * (StepBias > 0), y + i,
                    length - i);
         if (means)
            means[r] = near + rest;
         if (inverses)
            inverses[r] = inverse;
      }
   }

private:
   template <int W, int Step, class N>
   static SOFIE_INLINE void Get(Vec<T, W> &v, T const *p, N n)
   {
      if constexpr (Step == 0)
         Splat<T, W>(v, *p);
      else if constexpr (kKnown<N> > 0)
         Load<T, W>(v, p);
      else
         LoadPart<T, W>(v, p, n);
   }

   template <int W, class N>
   static SOFIE_INLINE void Some(T const *x, T near, T rest, T inverse, T const *scale, T const *bias, T *y, N n)
   {
      Vec<T, W> v, factor, offset;
      Get<W, 1>(v, x, n);
      v = ((v - near) - rest) * inverse;
      if constexpr (StepScale >= 0) {
         Get<W, StepScale>(factor, scale, n);
         v *= factor;
      }
      if constexpr (StepBias >= 0) {
         Get<W, StepBias>(offset, bias, n);
         v += offset;
      }
      if constexpr (kKnown<N> > 0)
         Store<T, W>(y, v);
      else
         StorePart<T, W>(y, v, n);
   }
};

} // namespace Kernel
