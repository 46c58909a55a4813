/// \file
/// The functions of one element: functors that a kernel applies to whole vectors, alone (Map) or fused into the kernel that
/// produces the values.
#pragma once

#include "Math.hxx"
#include "Vector.hxx"

#include <cmath>

namespace Kernel {

struct Identity {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &) const
   {
   }
};

struct Relu {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x = x < 0 ? Vec<T, W>{} : x; // a NaN stays
   }
};

template <class P>
struct LeakyRelu {
   P fAlpha;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x = x < 0 ? x * T(fAlpha) : x;
   }
};

template <class P>
struct Elu {
   P fAlpha;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> e = x;
      Expm1<T, W>(e);
      x = x < 0 ? e * T(fAlpha) : x;
   }
};

template <class P>
struct Selu {
   P fAlpha;
   P fGamma;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> e = x;
      Expm1<T, W>(e);
      x = (x < 0 ? e * T(fAlpha) : x) * T(fGamma);
   }
};

/// min(max(x, low), high); a NaN stays.
template <class P>
struct Clip {
   P fLow;
   P fHigh;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x = x < T(fLow) ? Vec<T, W>{} + T(fLow) : x;
      x = x > T(fHigh) ? Vec<T, W>{} + T(fHigh) : x;
   }
};

// Each line: a functor whose expression is of whole vectors x.
#define SOFIE_VECTOR_FUNCTION(Name, statement) \
   struct Name {                               \
      template <class T, int W>                \
      SOFIE_INLINE void Apply(Vec<T, W> &x) const \
      {                                        \
         statement;                            \
      }                                        \
   };
SOFIE_VECTOR_FUNCTION(SigmoidOf, (Sigmoid<T, W>(x)))
SOFIE_VECTOR_FUNCTION(TanhOf, (Tanh<T, W>(x)))
SOFIE_VECTOR_FUNCTION(ExpOf, (Exp<T, W>(x)))
SOFIE_VECTOR_FUNCTION(Neg, x = -x)
SOFIE_VECTOR_FUNCTION(Reciprocal, x = T(1) / x)
#undef SOFIE_VECTOR_FUNCTION

// Each line: a functor whose expression is of one lane x, through <cmath>.
#define SOFIE_LANE_FUNCTION(Name, expression)                             \
   struct Name {                                                          \
      template <class T, int W>                                           \
      SOFIE_INLINE void Apply(Vec<T, W> &v) const                         \
      {                                                                   \
         ForEachLane<T, W>(v, [](T x) -> T { return T(expression); });    \
      }                                                                   \
   };
SOFIE_LANE_FUNCTION(Sqrt, std::sqrt(x))
SOFIE_LANE_FUNCTION(Log, std::log(x))
SOFIE_LANE_FUNCTION(Sin, std::sin(x))
SOFIE_LANE_FUNCTION(Cos, std::cos(x))
SOFIE_LANE_FUNCTION(Erf, std::erf(x))
SOFIE_LANE_FUNCTION(Floor, std::floor(x))
SOFIE_LANE_FUNCTION(Softplus, (x > 0 ? x : T(0)) + std::log1p(std::exp(x > 0 ? -x : x)))
// The sign bit goes, so that -0 becomes 0.
SOFIE_LANE_FUNCTION(Abs, x > 0 ? x : 0 - x)
#undef SOFIE_LANE_FUNCTION

/// One function after another.
template <class F, class G>
struct Chain {
   F fFirst;
   G fSecond;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      fFirst.template Apply<T, W>(x);
      fSecond.template Apply<T, W>(x);
   }
};

template <class F, class G>
constexpr Chain<F, G> Then(F f, G g)
{
   return {f, g};
}

/// y[i] = f(x[i]) for i < n; x and y may be the same.
template <class T>
struct Map {
   template <int W, class Size, class F>
   static SOFIE_INLINE void Run(Size n, T const *x, T *y, F f)
   {
      constexpr size_t kStep = kLanes<T, W>;
      size_t i = 0;
      for (; i + kStep <= n; i += kStep) {
         Vec<T, W> v;
         Load<T, W>(v, x + i);
         f.template Apply<T, W>(v);
         Store<T, W>(y + i, v);
      }
      if (i < n) {
         Vec<T, W> v;
         LoadPart<T, W>(v, x + i, n - i);
         f.template Apply<T, W>(v);
         StorePart<T, W>(y + i, v, n - i);
      }
   }
};

} // namespace Kernel
