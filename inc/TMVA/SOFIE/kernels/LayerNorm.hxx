/// \file
/// Rows made to have mean 0 and variance 1.
#pragma once

#include "Lanes.hxx"

namespace Kernel {

/// A row of any length, which is read again for each sum; Row has its elements in registers.
template <class T, int W, class Size>
struct MemoryRow {
   T const *fX;
   Size fLength;

   /// The sum of f of all elements. \param zero what f makes 0 of.
   template <class F>
   SOFIE_INLINE T Sum(F const &f, T zero) const
   {
      Vec<T, W> acc[4] = {};
      Accumulate<T, T, W, Add>(acc, fX, fLength, zero, f);
      return FoldAll<Add, T, W>(acc);
   }
};

/// The mean and 1 / sqrt(variance + epsilon) of a row; without a centre, of which the mean is 0 whatever it is.
template <class T>
struct Moments {
   T fNear; ///< The mean as it is rounded,
   T fRest; ///< and what the rounding took.
   T fInverse;

   /// \param row a Row or a MemoryRow.
   template <bool IsCentred, class R>
   static SOFIE_INLINE Moments Of(R const &row, size_t length, T epsilon)
   {
      T const count = T(length);
      T const near = IsCentred ? row.Sum(Identity{}, T(0)) / count : T(0);
      // Differences from the rounded mean: their own mean is what the rounding took.
      WithRight<Sub, T> const centre{near};
      T const rest = IsCentred ? row.Sum(centre, near) / count : T(0);
      T const variance = row.Sum(Then(centre, Square{}), near) / count - rest * rest;
      return {near, rest, T(1) / std::sqrt((variance > T(0) ? variance : T(0)) + epsilon)};
   }

   /// Take the mean off, and multiply by 1 / sqrt(...).
   template <class U, int W>
   SOFIE_INLINE void Apply(Vec<U, W> &x) const
   {
      x = ((x - fNear) - fRest) * fInverse;
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
      for (size_t r = 0; r < rows; ++r, x += length, y += length) {
         Moments<T> moments;
         if constexpr (FitsRegisters<T, W>(kKnown<Size>)) {
            Row<T, FilledWidth<T, W>(kKnown<Size>), kKnown<Size>> row(x);
            moments = Moments<T>::template Of<IsCentred>(row, length, epsilon);
            row.Apply(moments);
            Combine<StepScale>(row, Mul{}, scale);
            Combine<StepBias>(row, Add{}, bias);
            row.StoreTo(y);
         } else {
            moments = Moments<T>::template Of<IsCentred>(MemoryRow<T, W, Size>{x, length}, length, epsilon);
            constexpr size_t kStep = kLanes<T, W>;
            size_t i = 0;
            for (; i + kStep <= length; i += kStep)
               Some<W>(x + i, moments, scale + i * (StepScale > 0), bias + i * (StepBias > 0), y + i, Fixed<kStep>{});
            if (i < length)
               Some<W>(x + i, moments, scale + i * (StepScale > 0), bias + i * (StepBias > 0), y + i, length - i);
         }
         if (means)
            means[r] = moments.fNear + moments.fRest;
         if (inverses)
            inverses[r] = moments.fInverse;
      }
   }

private:
   template <int Step, class R, class F>
   static SOFIE_INLINE void Combine(R &row, F const &f, T const *p)
   {
      if constexpr (Step == 0)
         row.Apply(WithRight<F, T>{*p});
      else if constexpr (Step > 0)
         row.Apply(f, p);
   }

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
      moments.template Apply<T, W>(v);
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
            size_t const length = channels * inner;
            auto const moments = Moments<T>::template Of<true>(MemoryRow<T, W, size_t>{x, length}, length, epsilon);
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
