/// \file
/// Softmax, its logarithm, and Hardmax.
#pragma once

#include "Lanes.hxx"

#include <limits>

namespace Kernel {

/// Softmax of each row of `length` elements, or its logarithm.
template <class T, bool Log>
struct SoftmaxRows {
   template <int W, class Rows, class Size>
   static SOFIE_INLINE void Run(Rows rows, Size length, T const *x, T *y)
   {
      if constexpr (FitsRegisters<T, W>(kKnown<Size>)) {
         for (size_t r = 0; r < rows; r += kTogether, x += kTogether * length, y += kTogether * length)
            Short<FilledWidth<T, W>(kKnown<Size>), kKnown<Size>>(rows - r < kTogether ? rows - r : kTogether, x, y);
      } else {
         for (size_t r = 0; r < rows; ++r, x += length, y += length)
            Long<W>(length, x, y);
      }
   }

private:
   static constexpr T kLowest = -std::numeric_limits<T>::infinity();
   /// Short rows go through each step together: one waits long for its maximum, and for its sum.
   static constexpr size_t kTogether = 4;

   template <int W, size_t N>
   static SOFIE_INLINE void Short(size_t rows, T const *x, T *y)
   {
      T maxima[kTogether], sums[kTogether];
      for (size_t r = 0; r < rows; ++r)
         maxima[r] = Row<T, W, N>(x + r * N).template Fold<Max>(kLowest, Identity{});
      for (size_t r = 0; r < rows; ++r) {
         Row<T, W, N> row(x + r * N);
         row.Apply(WithRight<Sub, T>{maxima[r]});
         if constexpr (Log)
            row.StoreTo(y + r * N);
         row.Apply(DecayOf{});
         if constexpr (!Log)
            row.StoreTo(y + r * N);
         sums[r] = row.template Fold<Add>(T(0), Identity{});
      }
      for (size_t r = 0; r < rows; ++r) {
         Row<T, W, N> row(y + r * N);
         if constexpr (Log)
            row.Apply(WithRight<Sub, T>{std::log(sums[r])});
         else
            row.Apply(WithRight<Div, T>{sums[r]});
         row.StoreTo(y + r * N);
      }
   }

   template <int W, class Size>
   static SOFIE_INLINE void Long(Size length, T const *x, T *y)
   {
      T const max = Accumulated<T, T, W, Max>(x, length, kLowest, Identity{});
      if constexpr (Log) {
         Vec<T, W> acc[4] = {};
         Accumulate<T, T, W, Add>(acc, x, length, kLowest, Then(WithRight<Sub, T>{max}, DecayOf{}));
         T const sum = FoldAll<Add, T, W>(acc);
         Map<T>::template Run<W>(length, x, y, Then(WithRight<Sub, T>{max}, WithRight<Sub, T>{std::log(sum)}));
      } else {
         Map<T>::template Run<W>(length, x, y, Then(WithRight<Sub, T>{max}, DecayOf{}));
         T const sum = Accumulated<T, T, W, Add>(static_cast<T const *>(y), length, T(0), Identity{});
         Map<T>::template Run<W>(length, static_cast<T const *>(y), y, WithRight<Div, T>{sum});
      }
   }
};

/// The same along columns: of `length` elements, `inner` apart, in each of `outer` blocks.
template <class T, bool Log>
struct SoftmaxColumns {
   template <int W, class Outer, class Size, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Size length, Inner inner, T const *x, T *y)
   {
      constexpr size_t kStep = kLanes<T, W>;
      for (size_t o = 0; o < outer; ++o, x += length * inner, y += length * inner) {
         size_t i = 0;
         for (; i + kStep <= inner; i += kStep)
            Some<W>(length, inner, x + i, y + i, Fixed<kStep>{});
         if (i < inner)
            Some<W>(length, inner, x + i, y + i, inner - i);
      }
   }

private:
   template <int W, class N>
   static SOFIE_INLINE void Get(Vec<T, W> &v, T const *p, N n)
   {
      if constexpr (kKnown<N> > 0)
         Load<T, W>(v, p);
      else
         LoadPart<T, W>(v, p, n);
   }

   template <int W, class N>
   static SOFIE_INLINE void Put(T *p, Vec<T, W> const &v, N n)
   {
      if constexpr (kKnown<N> > 0)
         Store<T, W>(p, v);
      else
         StorePart<T, W>(p, v, n);
   }

   /// n columns side by side.
   template <int W, class N>
   static SOFIE_INLINE void Some(size_t length, size_t stride, T const *x, T *y, N n)
   {
      Vec<T, W> v, max, sum = {};
      Splat<T, W>(max, -std::numeric_limits<T>::infinity());
      for (size_t k = 0; k < length; ++k) {
         Get<W>(v, x + k * stride, n);
         Max{}.template Apply<T, W>(max, v);
      }
      for (size_t k = 0; k < length; ++k) {
         Get<W>(v, x + k * stride, n);
         v -= max;
         if constexpr (Log)
            Put<W>(y + k * stride, v, n);
         Decay<T, W>(v);
         if constexpr (!Log)
            Put<W>(y + k * stride, v, n);
         sum += v;
      }
      if constexpr (Log)
         ForEachLane<T, W>(sum, [](T lane) { return std::log(lane); });
      for (size_t k = 0; k < length; ++k) {
         Get<W>(v, y + k * stride, n);
         v = Log ? v - sum : v / sum;
         Put<W>(y + k * stride, v, n);
      }
   }
};

/// 1 for the first of the largest of `length` elements, `inner` apart, 0 for the others.
template <class T>
struct Hardmax {
   template <int W, class Outer, class Size, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Size length, Inner inner, T const *x, T *y)
   {
      for (size_t o = 0; o < outer; ++o, x += length * inner, y += length * inner) {
         for (size_t i = 0; i < inner; ++i) {
            size_t best = 0;
            for (size_t k = 0; k < length; ++k) {
               best = x[k * inner + i] > x[best * inner + i] ? k : best;
               y[k * inner + i] = 0;
            }
            if (length > 0)
               y[best * inner + i] = 1;
         }
      }
   }
};

} // namespace Kernel
