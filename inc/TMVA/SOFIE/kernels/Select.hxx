/// \file
/// The greatest and the least elements, and where they are. A NaN is greater than all numbers, and of equal elements the first one
/// comes first.
#pragma once

#include "Vector.hxx"

#include <algorithm>
#include <cmath>
#include <functional>

namespace Kernel {

/// Whether x is to be chosen rather than y, if x comes after it: where it is greater, or (`Greatest` false) less, and for `Last`
/// where they are equal, too.
template <bool Greatest, bool Last>
struct IsBetter {
   template <class T>
   static SOFIE_INLINE bool Of(T x, T y)
   {
      if constexpr (std::is_floating_point<T>::value) {
         if (x != x || y != y)
            return x != x && y != y ? Last : (x != x) == Greatest;
      }
      return Last ? (Greatest ? x >= y : x <= y) : (Greatest ? x > y : x < y);
   }
};

/// y = the index, along a dimension of `length`, of the element that is chosen.
template <class T, bool Greatest, bool Last>
struct ArgExtreme {
   template <int W, class Outer, class Size, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Size length, Inner inner, T const *x, std::int64_t *y)
   {
      constexpr size_t kBlock = 16; // columns side by side
      for (size_t o = 0; o < outer; ++o, x += length * inner, y += inner) {
         for (size_t first = 0; first < inner; first += kBlock) {
            size_t const n = inner - first < kBlock ? inner - first : kBlock;
            T best[kBlock];
            std::int64_t index[kBlock];
            for (size_t i = 0; i < n; ++i) {
               best[i] = x[first + i];
               index[i] = 0;
            }
            for (size_t k = 1; k < length; ++k) {
               T const *const row = x + k * inner + first;
               for (size_t i = 0; i < n; ++i) {
                  bool const isBetter = IsBetter<Greatest, Last>::Of(row[i], best[i]);
                  best[i] = isBetter ? row[i] : best[i];
                  index[i] = isBetter ? std::int64_t(k) : index[i];
               }
            }
            for (size_t i = 0; i < n; ++i)
               y[first + i] = index[i];
         }
      }
   }
};

/// The order of indices by the elements that they have in a column.
template <class T, bool Greatest>
struct ByElement {
   T const *fX;
   size_t fStride;
   bool operator()(std::int64_t a, std::int64_t b) const
   {
      T const x = fX[size_t(a) * fStride], y = fX[size_t(b) * fStride];
      if (IsBetter<Greatest, false>::Of(x, y))
         return true;
      return !IsBetter<Greatest, false>::Of(y, x) && a < b;
   }
};

/// The `count` elements that come first in that order, and their indices, along a dimension of `length`. \param scratch as many
/// indices. \param values, indices the results, either nullptr where nobody wants it.
template <class T, bool Greatest>
struct TopK {
   template <int W, class Outer, class Size, class Inner, class Count>
   static SOFIE_INLINE void Run(Outer outer, Size length, Inner inner, Count count, T const *x, std::int64_t *scratch,
                                T *values, std::int64_t *indices)
   {
      for (size_t o = 0; o < outer; ++o) {
         for (size_t i = 0; i < inner; ++i) {
            T const *const column = x + o * length * inner + i;
            Choose<W>(length, inner, count, column, scratch);
            size_t const to = o * count * inner + i;
            for (size_t k = 0; k < count; ++k) {
               if (values)
                  values[to + k * inner] = column[size_t(scratch[k]) * inner];
               if (indices)
                  indices[to + k * inner] = scratch[k];
            }
         }
      }
   }

private:
   /// Up to so many floats are ranked: what a sort saves of comparisons it loses again where its branches are not foreseen.
   template <int W>
   static constexpr size_t kMostRanked = 8 * kLanes<float, W>;

   template <int W>
   static SOFIE_INLINE void Choose(size_t length, size_t inner, size_t count, T const *column, std::int64_t *scratch)
   {
      if constexpr (std::is_same<T, float>::value) {
         constexpr size_t kL = kLanes<float, W>;
         std::int32_t order[kMostRanked<W>];
         if (length <= kMostRanked<W>) {
            for (size_t first = 0; first < length; first += kL)
               Order<W>(length - first, inner, column + first * inner, order + first);
            return Rank<W>(length, order, scratch);
         }
         // Numbers that are in the same order, with the index in their low half.
         for (size_t first = 0; first < length; first += kL) {
            Order<W>(length - first, inner, column + first * inner, order);
            for (size_t i = first; i < first + kL && i < length; ++i)
               scratch[i] = order[i - first] * (std::int64_t(1) << 32) + std::int64_t(i);
         }
         Sort(length, count, scratch, std::less<std::int64_t>());
         for (size_t k = 0; k < count; ++k)
            scratch[k] &= 0xffffffff;
      } else {
         for (size_t i = 0; i < length; ++i)
            scratch[i] = std::int64_t(i);
         Sort(length, count, scratch, ByElement<T, Greatest>{column, inner});
      }
   }

   template <class Before>
   static void Sort(size_t length, size_t count, std::int64_t *scratch, Before const &before)
   {
      if (count < length)
         std::nth_element(scratch, scratch + count, scratch + length, before);
      std::sort(scratch, scratch + count, before);
   }

   /// A vector of integers of 32 bits, each the smaller the earlier one of the column's first n elements is to come; none is greater than
   /// those of the lanes beyond n.
   template <int W>
   static SOFIE_INLINE void Order(size_t n, size_t inner, float const *column, std::int32_t *order)
   {
      constexpr size_t kL = kLanes<float, W>;
      float elements[kL];
      for (size_t i = 0; i < kL; ++i)
         elements[i] = i < n ? column[i * inner] : Greatest ? -HUGE_VALF : NAN;
      Vec<float, W> x;
      Vec<std::int32_t, W> bits, any;
      Load<float, W>(x, elements);
      x += 0.0f; // -0 is 0
      BitCast(bits, x);
      bits ^= bits >> 31 & 0x7fffffff;
      Splat<std::int32_t, W>(any, 0x7fffffff); // any NaN
      bits = x == x ? bits : any;
      Store<std::int32_t, W>(order, Greatest ? ~bits : bits);
   }

   /// The indices in that order: each has the place that is the number of those before it.
   template <int W>
   static SOFIE_INLINE void Rank(size_t length, std::int32_t const *order, std::int64_t *indices)
   {
      constexpr int kL = kLanes<std::int32_t, W>;
      std::int32_t isLater[2 * kL] = {}; // from kL - 1 - i on: whether a lane comes after lane i
      for (int i = kL; i < 2 * kL; ++i)
         isLater[i] = 1;
      for (size_t first = 0; first < length; first += kL) {
         Vec<std::int32_t, W> own, later, rank = {};
         Vec<std::int32_t, W> const one = rank + 1, none = {};
         Load<std::int32_t, W>(own, order + first);
         // Of equal ones those in front come first.
         for (size_t other = 0; other < first; other += kL)
#pragma GCC unroll 16
            for (int i = 0; i < kL; ++i)
               rank += order[other + i] <= own ? one : none;
#pragma GCC unroll 16
         for (int i = 0; i < kL; ++i) {
            Load<std::int32_t, W>(later, isLater + kL - 1 - i);
            rank += (order[first + i] <= own ? later : none) | (order[first + i] < own ? one : none);
         }
         for (size_t other = first + kL; other < length; other += kL)
#pragma GCC unroll 16
            for (int i = 0; i < kL; ++i)
               rank += order[other + i] < own ? one : none;
         std::int32_t ranks[kL];
         Store<std::int32_t, W>(ranks, rank);
         for (size_t i = first; i < first + kL && i < length; ++i)
            indices[ranks[i - first]] = std::int64_t(i);
      }
   }
};

} // namespace Kernel
