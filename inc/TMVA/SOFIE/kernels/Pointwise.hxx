/// \file
/// Functions of one to three elements whose types differ, or that of the result does.
#pragma once

#include "Cast.hxx"
#include "Elementwise.hxx"
#include "Loop.hxx"

namespace Kernel {

/// y = f(a, b, ...) over R outer loops and an inner run of `inner` elements, in which input k moves by Steps[k], 0 or 1.
template <class Y, int... Steps>
struct Pointwise {
   template <int W, size_t R, class Size, class F, class... X>
   static SOFIE_INLINE void Run(Loop<R, sizeof...(Steps)> const &loop, Size inner, Y *y, F f, X const *...x)
   {
      static_assert(sizeof...(X) == sizeof...(Steps), "Pointwise takes a step for each input");
      Lines<W>(loop, inner, y, f, std::index_sequence_for<X...>{}, x...);
   }

private:
   static constexpr size_t kBlock = 32;

   template <int W, size_t R, class Size, class F, size_t... K, class... X>
   static SOFIE_INLINE void Lines(Loop<R, sizeof...(Steps)> const &loop, Size inner, Y *y, F const &f,
                                  std::index_sequence<K...>, X const *...x)
   {
      for (LoopState<R, sizeof...(Steps)> at(loop); !at.Done(); at.Next(loop), y += inner)
         Line<W>(size_t(inner), y, f, (x + at.fOffset[K])...);
   }

   template <int W, class F, class... X>
   static SOFIE_INLINE void Line(size_t n, Y *y, F const &f, X const *...x)
   {
      size_t i = 0;
      for (; i + kBlock <= n; i += kBlock) {
         // To memory that nothing else can be: what is written to y might change what is read, and the compiler would go one by one.
         Y block[kBlock];
         for (size_t j = 0; j < kBlock; ++j)
            block[j] = f(x[(i + j) * Steps]...);
         std::memcpy(y + i, block, sizeof(block));
      }
      for (; i < n; ++i)
         y[i] = f(x[i * Steps]...);
   }
};

// Each line: a function of two elements that says whether something holds.
#define SOFIE_COMPARISON(Name, expression)                                                                             \
   struct Name {                                                                                                       \
      template <class T>                                                                                               \
      SOFIE_INLINE std::uint8_t operator()(T a, T b) const                                                             \
      {                                                                                                                \
         return expression;                                                                                            \
      }                                                                                                                \
   };
SOFIE_COMPARISON(Equal, a == b)
SOFIE_COMPARISON(Less, a < b)
SOFIE_COMPARISON(LessOrEqual, a <= b)
SOFIE_COMPARISON(Greater, a > b)
SOFIE_COMPARISON(GreaterOrEqual, a >= b)
#undef SOFIE_COMPARISON

// Each line: the same of one element.
#define SOFIE_PREDICATE(Name, expression)                                                                              \
   struct Name {                                                                                                       \
      template <class T>                                                                                               \
      SOFIE_INLINE std::uint8_t operator()(T x) const                                                                  \
      {                                                                                                                \
         return expression;                                                                                            \
      }                                                                                                                \
   };
SOFIE_PREDICATE(IsNaN, x != x)
SOFIE_PREDICATE(IsInfPos, x == std::numeric_limits<T>::infinity())
SOFIE_PREDICATE(IsInfNeg, x == -std::numeric_limits<T>::infinity())
SOFIE_PREDICATE(IsInf, x == std::numeric_limits<T>::infinity() || x == -std::numeric_limits<T>::infinity())
#undef SOFIE_PREDICATE

/// a where the condition holds, else b.
struct Where {
   template <class T>
   SOFIE_INLINE T operator()(std::uint8_t condition, T a, T b) const
   {
      return condition ? a : b;
   }
};

/// a to the power b, which is of another type.
struct MixedPow {
   template <class T, class U>
   SOFIE_INLINE T operator()(T a, U b) const
   {
      if constexpr (std::is_integral<T>::value && std::is_floating_point<U>::value)
         return Converted<double, T>(std::pow(double(a), double(b)));
      else
         return PowerOf(a, b);
   }
};

} // namespace Kernel
