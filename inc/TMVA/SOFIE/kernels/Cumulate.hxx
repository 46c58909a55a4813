/// \file
/// Sums and products of all elements up to each one.
#pragma once

#include "Vector.hxx"

namespace Kernel {

/// y = what F makes of all x before, along a dimension of `length`, and of the element itself unless Exclusive. Computed in type A.
/// Reverse: of those behind.
template <class T, class A, bool Product, bool Exclusive, bool Reverse>
struct Cumulate {
   template <int W, class Outer, class Size, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Size length, Inner inner, T const *x, T *y)
   {
      constexpr size_t kBlock = 16; // columns side by side
      for (size_t o = 0; o < outer; ++o, x += length * inner, y += length * inner) {
         for (size_t first = 0; first < inner; first += kBlock) {
            size_t const n = inner - first < kBlock ? inner - first : kBlock;
            A total[kBlock];
            for (size_t i = 0; i < n; ++i)
               total[i] = Product ? 1 : 0;
            for (size_t k = 0; k < length; ++k) {
               size_t const at = (Reverse ? length - 1 - k : k) * inner + first;
               for (size_t i = 0; i < n; ++i) {
                  A const before = total[i];
                  total[i] = Product ? before * A(x[at + i]) : before + A(x[at + i]);
                  y[at + i] = T(Exclusive ? before : total[i]);
               }
            }
         }
      }
   }
};

} // namespace Kernel
