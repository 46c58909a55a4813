/// \file
/// Functions of two elements, with broadcasting.
#pragma once

#include "Elementwise.hxx"
#include "Loop.hxx"

#include <limits>

namespace Kernel {

// Each line: a functor that replaces the vector x by a function of x and y.
#define SOFIE_BINARY_FUNCTION(Name, statement)                     \
   struct Name {                                                   \
      template <class T, int W>                                    \
      SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const \
      {                                                            \
         statement;                                                \
      }                                                            \
   };
SOFIE_BINARY_FUNCTION(Add, x += y)
SOFIE_BINARY_FUNCTION(Sub, x -= y)
SOFIE_BINARY_FUNCTION(Mul, x *= y)
#undef SOFIE_BINARY_FUNCTION

/// x + factor * y.
template <class P>
struct AddScaled {
   P fFactor;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      x += y * T(fFactor);
   }
};

/// Replace each lane of x by f(x, y).
template <class T, int W, class F>
SOFIE_INLINE void ForEachPair(Vec<T, W> &x, Vec<T, W> const &y, F const &f)
{
   T left[kLanes<T, W>], right[kLanes<T, W>];
   Store<T, W>(left, x);
   Store<T, W>(right, y);
   for (int i = 0; i < kLanes<T, W>; ++i)
      left[i] = f(left[i], right[i]);
   Load<T, W>(x, left);
}

/// x / y. Of integers: towards 0, and what would be undefined in C++ is 0 (a divisor 0) or wraps (the smallest number by -1).
struct Div {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      if constexpr (std::is_floating_point<T>::value)
         x /= y;
      else
         ForEachPair<T, W>(x, y, [](T a, T b) -> T {
            if (b == 0)
               return 0;
            if (std::is_signed<T>::value && b == T(-1))
               return T(0) - a == a ? a : T(-a);
            return T(a / b);
         });
   }
};

struct Pow {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      ForEachPair<T, W>(x, y, [](T a, T b) -> T { return T(std::pow(a, b)); });
   }
};

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
