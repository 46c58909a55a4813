/// \file
/// Functions of pairs of elements, with broadcasting.
#pragma once

#include "Elementwise.hxx"
#include "Loop.hxx"

namespace Kernel {

/// y = g(f(a, b)) over R outer loops and an inner run of `inner` elements, in which a (and b) move by 0 or 1.
template <class T, int StepA, int StepB>
struct Binary {
   template <int W, size_t R, class Size, class F, class G>
   static SOFIE_INLINE void Run(Loop<R, 2> const &loop, Size inner, T const *a, T const *b, T *y, F f, G g)
   {
      constexpr size_t kStep = kLanes<T, W>;
      for (LoopState<R, 2> at(loop); !at.Done(); at.Next(loop), y += inner) {
         T const *pa = a + at.fOffset[0];
         T const *pb = b + at.fOffset[1];
         size_t i = 0;
         for (; i + kStep <= inner; i += kStep)
            Step<W>(pa, pb, y, i, kStep, f, g);
         if (i < inner)
            Step<W>(pa, pb, y, i, inner - i, f, g);
      }
   }

private:
   template <int W, int Stride>
   static SOFIE_INLINE void Read(Vec<T, W> &v, T const *p, size_t i, size_t n)
   {
      if (Stride == 0)
         Splat<T, W>(v, *p);
      else if (n == size_t(kLanes<T, W>))
         Load<T, W>(v, p + i);
      else
         LoadPart<T, W>(v, p + i, n);
   }

   template <int W, class F, class G>
   static SOFIE_INLINE void Step(T const *a, T const *b, T *y, size_t i, size_t n, F const &f, G const &g)
   {
      Vec<T, W> left, right;
      Read<W, StepA>(left, a, i, n);
      Read<W, StepB>(right, b, i, n);
      f.template Apply<T, W>(left, right);
      g.template Apply<T, W>(left);
      if (n == size_t(kLanes<T, W>))
         Store<T, W>(y + i, left);
      else
         StorePart<T, W>(y + i, left, n);
   }
};

} // namespace Kernel
