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
         if constexpr (kKnown<Size> % kStep > 0 && kKnown<Size> * sizeof(T) >= 16) {
            Overlapping<FilledWidth<T, W>(kKnown<Size>), kKnown<Size>>(pa, pb, y, f, g);
            continue;
         }
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
   static SOFIE_INLINE void Compute(Vec<T, W> &v, T const *a, T const *b, size_t i, size_t n, F const &f, G const &g)
   {
      Vec<T, W> right;
      Read<W, StepA>(v, a, i, n);
      Read<W, StepB>(right, b, i, n);
      f.template Apply<T, W>(v, right);
      g.template Apply<T, W>(v);
   }

   template <int W, class F, class G>
   static SOFIE_INLINE void Step(T const *a, T const *b, T *y, size_t i, size_t n, F const &f, G const &g)
   {
      Vec<T, W> v;
      Compute<W>(v, a, b, i, n, f, g);
      if (n == size_t(kLanes<T, W>))
         Store<T, W>(y + i, v);
      else
         StorePart<T, W>(y + i, v, n);
   }

   /// A run of N elements: the last vector overlaps the one before it instead of being a part, and is read before that is written.
   template <int W, size_t N, class F, class G>
   static SOFIE_INLINE void Overlapping(T const *a, T const *b, T *y, F const &f, G const &g)
   {
      constexpr size_t kStep = kLanes<T, W>;
      Vec<T, W> last;
      Compute<W>(last, a, b, N - kStep, kStep, f, g);
      for (size_t i = 0; i + kStep <= N; i += kStep)
         Step<W>(a, b, y, i, kStep, f, g);
      Store<T, W>(y + (N - kStep), last);
   }
};

} // namespace Kernel
