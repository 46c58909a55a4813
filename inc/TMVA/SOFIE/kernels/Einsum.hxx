/// \file
/// Sums of products over any indices.
#pragma once

#include "Loop.hxx"

namespace Kernel {

/// The tensors of a product.
template <class T, size_t K>
struct Factors {
   T const *fX[K];
};

/// For each step of the kept loops, one after the other: y = the sum over the other loops of the product of all tensors, each at the
/// places of both loops. Sums are made in type A.
template <class T, class A>
struct Einsum {
   template <int W, size_t R, size_t S, size_t K>
   static SOFIE_INLINE void Run(Loop<R, K> const &kept, Loop<S, K> const &summed, Factors<T, K> const &x, T *y)
   {
      for (LoopState<R, K> outer(kept); !outer.Done(); outer.Next(kept)) {
         A sum = A(0);
         for (LoopState<S, K> inner(summed); !inner.Done(); inner.Next(summed)) {
            A product = A(1);
            for (size_t k = 0; k < K; ++k)
               product *= A(x.fX[k][outer.fOffset[k] + inner.fOffset[k]]);
            sum += product;
         }
         *y++ = T(sum);
      }
   }
};

} // namespace Kernel
