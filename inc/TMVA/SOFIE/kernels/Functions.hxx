/// \file
/// More functions of one element and of two, beside those that nearly every network has (Elementwise.hxx).
#pragma once

#include "Elementwise.hxx"

#include <limits>

namespace Kernel {

/// Round to the nearest integer, halves to the even one.
template <class T, int W>
SOFIE_INLINE void RoundEven(Vec<T, W> &x)
{
   // From 2^23 on (2^52 of double) every float is an integer, and a smaller sum with it has no room for a fraction.
   constexpr T kWhole = T(std::uint64_t(1) << (std::numeric_limits<T>::digits - 1));
   Vec<T, W> const magnitude = x < 0 ? -x : x;
   Vec<T, W> const rounded = (magnitude + kWhole) - kWhole;
   Vec<T, W> const result = x < 0 ? -rounded : rounded;
   x = magnitude < kWhole ? result : x; // a NaN stays
}

/// x * P(x > 0) as GELU weighs it by the error function.
template <class T>
SOFIE_INLINE T GeluOf(T x)
{
   return T(0.5) * x * std::erfc(x * T(-0.70710678118654752440));
}

// Each line: a functor whose statement is of whole vectors x.
#define SOFIE_VECTOR_FUNCTION(Name, statement)                                                                         \
   struct Name {                                                                                                       \
      template <class T, int W>                                                                                        \
      SOFIE_INLINE void Apply(Vec<T, W> &x) const                                                                      \
      {                                                                                                                \
         statement;                                                                                                    \
      }                                                                                                                \
   };
SOFIE_VECTOR_FUNCTION(Round, (RoundEven<T, W>(x)))
SOFIE_VECTOR_FUNCTION(Floor, auto y = x; (RoundEven<T, W>(y)); x = y > x ? y - T(1) : y)
SOFIE_VECTOR_FUNCTION(Ceil, auto y = x; (RoundEven<T, W>(y)); x = y < x ? y + T(1) : y)
SOFIE_VECTOR_FUNCTION(Softsign, x /= (x < 0 ? -x : x) + T(1))
SOFIE_VECTOR_FUNCTION(Not, x = x ^ T(1))
SOFIE_VECTOR_FUNCTION(BitwiseNot, x = ~x)
#undef SOFIE_VECTOR_FUNCTION

/// -1, 0 or 1; a NaN stays.
struct Sign {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> const one = Vec<T, W>{} + T(1);
      if constexpr (std::is_signed<T>::value)
         x = x < 0 ? -one : x;
      x = x > 0 ? one : x;
   }
};

/// x * tanh(log(1 + exp(x))), which is x * n / (n + 2) of n = e^x (e^x + 2).
struct Mish {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      constexpr T kFar = 40; // from here on the factor is 1
      Vec<T, W> e = x > kFar ? Vec<T, W>{} + kFar : x;
      Exp<T, W>(e);
      Vec<T, W> const n = e * (e + T(2));
      x *= n / (n + T(2));
   }
};

// Each line: a functor whose expression is of one lane x, through <cmath>.
#define SOFIE_LANE_FUNCTION(Name, expression)                                                                          \
   struct Name {                                                                                                       \
      template <class T, int W>                                                                                        \
      SOFIE_INLINE void Apply(Vec<T, W> &v) const                                                                      \
      {                                                                                                                \
         ForEachLane<T, W>(v, [](T x) -> T { return T(expression); });                                                 \
      }                                                                                                                \
   };
SOFIE_LANE_FUNCTION(Sin, std::sin(x))
SOFIE_LANE_FUNCTION(Cos, std::cos(x))
SOFIE_LANE_FUNCTION(Tan, std::tan(x))
SOFIE_LANE_FUNCTION(Asin, std::asin(x))
SOFIE_LANE_FUNCTION(Acos, std::acos(x))
SOFIE_LANE_FUNCTION(Atan, std::atan(x))
SOFIE_LANE_FUNCTION(Sinh, std::sinh(x))
SOFIE_LANE_FUNCTION(Cosh, std::cosh(x))
SOFIE_LANE_FUNCTION(Asinh, std::asinh(x))
SOFIE_LANE_FUNCTION(Acosh, std::acosh(x))
SOFIE_LANE_FUNCTION(Atanh, std::atanh(x))
SOFIE_LANE_FUNCTION(Softplus, (x > 0 ? x : T(0)) + std::log1p(std::exp(x > 0 ? -x : x)))
SOFIE_LANE_FUNCTION(Gelu, GeluOf(x))
#undef SOFIE_LANE_FUNCTION

/// The approximation of GELU by tanh, whose 0.5 (1 + tanh(z)) is the sigmoid of 2 z.
struct GeluByTanh {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      constexpr T kScale = T(1.59576912160573071176); // 2 sqrt(2 / pi)
      Vec<T, W> z = x * kScale * (x * x * T(0.044715) + T(1));
      Sigmoid<T, W>(z);
      x *= z;
   }
};

/// alpha x + beta.
template <class P>
struct Affine {
   P fAlpha;
   P fBeta;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x = x * T(fAlpha) + T(fBeta);
   }
};

/// alpha tanh(beta x).
template <class P>
struct ScaledTanh {
   P fAlpha;
   P fBeta;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x *= T(fBeta);
      Tanh<T, W>(x);
      x *= T(fAlpha);
   }
};

/// alpha x + beta between 0 and 1; a NaN stays.
template <class P>
struct HardSigmoid {
   P fAlpha;
   P fBeta;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x = x * T(fAlpha) + T(fBeta);
      Clip<T>{0, 1}.template Apply<T, W>(x);
   }
};

/// x times its hard sigmoid of 1/6 and 1/2.
struct HardSwish {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> factor = x;
      HardSigmoid<T>{T(1) / T(6), T(0.5)}.template Apply<T, W>(factor);
      x *= factor;
   }
};

/// x times the sigmoid of alpha x.
template <class P>
struct Swish {
   P fAlpha;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> factor = x * T(fAlpha);
      Sigmoid<T, W>(factor);
      x *= factor;
   }
};

/// x where it is not negative, else alpha (exp(x / alpha) - 1).
template <class P>
struct Celu {
   P fAlpha;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> e = x / T(fAlpha);
      Expm1<T, W>(e);
      x = x < 0 ? e * T(fAlpha) : x;
   }
};

/// x where it is above alpha, else 0.
template <class P>
struct ThresholdedRelu {
   P fAlpha;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x = x > T(fAlpha) ? x : Vec<T, W>{};
   }
};

/// x nearer to 0 by `bias`, and 0 between -lambd and lambd. Of integers: what double makes of it, cut off.
struct Shrink {
   double fBias;
   double fLambd;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &v) const
   {
      double const bias = fBias, lambd = fLambd;
      ForEachLane<T, W>(v, [bias, lambd](T x) -> T {
         // An integer stays one: through double, an int64 could lose digits.
         if (std::is_integral<T>::value && bias == std::floor(bias) && std::fabs(bias) < 1e9)
            return double(x) < -lambd  ? T(std::uint64_t(x) + std::uint64_t(std::int64_t(bias)))
                   : double(x) > lambd ? T(std::uint64_t(x) - std::uint64_t(std::int64_t(bias)))
                                       : T(0);
         return T(double(x) < -lambd ? double(x) + bias : double(x) > lambd ? double(x) - bias : 0.0);
      });
   }
};

// Each line: a functor that replaces the vector x by a function of x and y.
#define SOFIE_PAIR_FUNCTION(Name, statement)                                                                           \
   struct Name {                                                                                                       \
      template <class T, int W>                                                                                        \
      SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const                                                  \
      {                                                                                                                \
         statement;                                                                                                    \
      }                                                                                                                \
   };
SOFIE_PAIR_FUNCTION(BitwiseAnd, x &= y)
SOFIE_PAIR_FUNCTION(BitwiseOr, x |= y)
SOFIE_PAIR_FUNCTION(BitwiseXor, x ^= y)
#undef SOFIE_PAIR_FUNCTION

/// x where it is not negative, else y x.
struct PRelu {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      if constexpr (std::is_signed<T>::value)
         x = x < 0 ? x * y : x;
   }
};

/// The bits of x moved by y places, towards the higher ones or the lower ones, where the sign fills up. Of a y that is negative, or as
/// large as the number of bits, only that filling is left.
template <bool Left>
struct Shift {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      ForEachPair<T, W>(x, y, [](T a, T b) -> T {
         constexpr std::uint64_t kBits = 8 * sizeof(T);
         if (std::uint64_t(b) < kBits) // a negative one is beyond
            return Left ? T(std::uint64_t(a) << b) : T(a >> b);
         return !Left && std::is_signed<T>::value && a < T(0) ? T(-1) : T(0);
      });
   }
};
using ShiftLeft = Shift<true>;
using ShiftRight = Shift<false>;

/// The remainder of x / y, with the sign of y. Of integers by 0 it is 0.
struct Mod {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      ForEachPair<T, W>(x, y, [](T a, T b) -> T {
         if constexpr (std::is_floating_point<T>::value) {
            T const rest = std::fmod(a, b);
            return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
         } else {
            if (b == 0 || (std::is_signed<T>::value && b == T(-1))) // the smallest number by -1 would be a trap
               return 0;
            T const rest = T(a % b);
            return rest != 0 && (rest < T(0)) != (b < T(0)) ? T(rest + b) : rest;
         }
      });
   }
};

/// The remainder of x / y, with the sign of x.
struct FMod {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      ForEachPair<T, W>(x, y, [](T a, T b) -> T {
         if constexpr (std::is_floating_point<T>::value)
            return std::fmod(a, b);
         else
            return b == 0 || (std::is_signed<T>::value && b == T(-1)) ? T(0) : T(a % b);
      });
   }
};

} // namespace Kernel
