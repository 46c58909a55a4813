/// \file
/// Rows made to have mean 0 and variance 1.
#pragma once

#include "Lanes.hxx"

namespace Kernel {

/// The mean and 1 / sqrt(variance + epsilon) of a row; without a centre, of which the mean is 0 whatever it is.
template <class T>
struct Moments {
   T fNear; ///< The mean as it is rounded,
   T fRest; ///< and what the rounding took.
   T fInverse;

   template <int W, bool IsCentred, class Size>
   static SOFIE_INLINE Moments Of(Size length, T epsilon, T const *x)
   {
      T const count = T(size_t(length));
      T const near = IsCentred ? Accumulated<T, T, W, Add>(x, length, T(0), Identity{}) / count : T(0);
      // Differences from the rounded mean: their own mean is what the rounding took.
      WithRight<Sub, T> const centre{near};
      T rest = T(0);
      if constexpr (IsCentred) {
         Vec<T, W> sums[4] = {};
         Accumulate<T, T, W, Add>(sums, x, length, near, centre);
         FoldAll<Add, T, W>(sums);
         rest = sums[0][0] / count;
      }
      Vec<T, W> squares[4] = {};
      Accumulate<T, T, W, Add>(squares, x, length, near, Then(centre, Square{}));
      FoldAll<Add, T, W>(squares);
      T const variance = squares[0][0] / count - rest * rest;
      return {near, rest, T(1) / std::sqrt((variance > T(0) ? variance : T(0)) + epsilon)};
   }
};

/// For each row of `length` elements: y = (x - mean) / sqrt(variance + epsilon) * scale + bias; scale and bias move by StepScale
/// and StepBias (0 or 1), or are absent where that is -1. The row's mean and 1 / sqrt(...) are left where a pointer is given.
/// \tparam IsCentred whether the mean is taken off; if not it counts as 0, and the variance is the mean of the squares.
template <class T, int StepScale, int StepBias, bool IsCentred = true>
struct LayerNorm {
   template <int W, class Rows, class Size>
   static SOFIE_INLINE void Run(Rows rows, Size length, T epsilon, T const *x, T const *scale, T const *bias, T *y,
                                T *means, T *inverses)
   {
      constexpr size_t kStep = kLanes<T, W>;
      for (size_t r = 0; r < rows; ++r, x += length, y += length) {
         auto const moments = Moments<T>::template Of<W, IsCentred>(length, epsilon, x);
         size_t i = 0;
         for (; i + kStep <= length; i += kStep)
            Some<W>(x + i, moments, scale + i * (StepScale > 0), bias + i * (StepBias > 0), y + i, Fixed<kStep>{});
         if (i < length)
            Some<W>(x + i, moments, scale + i * (StepScale > 0), bias + i * (StepBias > 0), y + i, length - i);
         if (means)
            means[r] = moments.fNear + moments.fRest;
         if (inverses)
            inverses[r] = moments.fInverse;
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
   static SOFIE_INLINE void Some(T const *x, Moments<T> const &moments, T const *scale, T const *bias, T *y, N n)
   {
      Vec<T, W> v, factor, offset;
      Get<W, 1>(v, x, n);
      v = ((v - moments.fNear) - moments.fRest) * moments.fInverse;
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

/// The same for each of `groups` groups of neighbouring channels of an image; scale and bias are those of a channel, or of as many
/// neighbouring ones as share them.
template <class T>
struct GroupNorm {
   template <int W>
   static SOFIE_INLINE void Run(size_t images, size_t groups, size_t channels, size_t shared, size_t inner, T epsilon,
                                T const *x, T const *scale, T const *bias, T *y)
   {
      for (size_t image = 0; image < images; ++image)
         for (size_t group = 0; group < groups; ++group) {
            auto const moments = Moments<T>::template Of<W, true>(channels * inner, epsilon, x);
            for (size_t c = 0; c < channels; ++c, x += inner, y += inner) {
               size_t const at = (group * channels + c) / shared;
               Map<T>::template Run<W>(inner, x, y,
                                       Scaled{moments.fNear, moments.fRest, moments.fInverse * scale[at], bias[at]});
            }
         }
   }

private:
   struct Scaled {
      T fNear, fRest, fFactor, fShift;
      template <class U, int W>
      SOFIE_INLINE void Apply(Vec<U, W> &x) const
      {
         x = ((x - fNear) - fRest) * fFactor + fShift;
      }
   };
};

/// y = x / (bias + alpha * the sum of the squares of neighbouring channels) ^ beta; `before` and `behind` neighbours.
template <class T>
struct LocalResponse {
   template <int W>
   static SOFIE_INLINE void Run(size_t images, size_t channels, size_t inner, size_t before, size_t behind, T alpha,
                                T beta, T bias, T const *x, T *y)
   {
      constexpr size_t kStep = kLanes<T, W>;
      for (size_t image = 0; image < images; ++image, x += channels * inner)
         for (size_t c = 0; c < channels; ++c, y += inner) {
            size_t const first = c < before ? 0 : c - before;
            size_t const last = channels - c <= behind ? channels : c + behind + 1;
            for (size_t i = 0; i < inner; i += kStep) {
               size_t const n = inner - i < kStep ? inner - i : kStep;
               Vec<T, W> sum = {}, v;
               for (size_t near = first; near < last; ++near) {
                  LoadFilled<T, W>(v, x + near * inner + i, n, T(0));
                  sum += v * v;
               }
               sum = sum * alpha + bias;
               ForEachLane<T, W>(sum, [=](T lane) { return std::pow(lane, beta); });
               LoadFilled<T, W>(v, x + c * inner + i, n, T(0));
               v /= sum;
               StorePart<T, W>(y + i, v, n);
            }
         }
   }
};

} // namespace Kernel
