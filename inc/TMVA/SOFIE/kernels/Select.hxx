/// \file
/// The greatest and the least elements, and where they are. A NaN is greater than all numbers, and of equal elements the first one
/// comes first.
#pragma once

#include "Vector.hxx"

#include <algorithm>
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
            Choose(length, inner, count, column, scratch);
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
   static void Choose(size_t length, size_t inner, size_t count, T const *column, std::int64_t *scratch)
   {
      if constexpr (std::is_same<T, float>::value) {
         // Numbers that are in the same order, with the index in their low half.
         for (size_t i = 0; i < length; ++i)
            scratch[i] = OrderOf(column[i * inner]) * (std::int64_t(1) << 32) + std::int64_t(i);
         Sort(length, count, scratch, std::less<std::int64_t>());
         for (size_t k = 0; k < count; ++k)
            scratch[k] &= 0xffffffff;
      } else {
         for (size_t i = 0; i < length; ++i)
            scratch[i] = std::int64_t(i);
         Sort(length, count, scratch, ByElement<T, Greatest>{column, inner});
      }
   }

   template <class Order>
   static void Sort(size_t length, size_t count, std::int64_t *scratch, Order const &order)
   {
      if (count < length)
         std::nth_element(scratch, scratch + count, scratch + length, order);
      std::sort(scratch, scratch + count, order);
   }

   /// An integer of 32 bits, the smaller the earlier x is to come.
   static std::int64_t OrderOf(float x)
   {
      std::int32_t bits = 0x7fffffff; // any NaN
      x += 0.0f;                      // -0 is 0
      if (x == x)
         std::memcpy(&bits, &x, sizeof(x));
      bits = bits < 0 ? bits ^ 0x7fffffff : bits;
      return Greatest ? ~bits : bits;
   }
};

} // namespace Kernel
