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

/// The value at x of a polynomial whose coefficients are given from the highest power on.
template <class T, int W, size_t N>
SOFIE_INLINE void Polynomial(Vec<T, W> &y, Vec<T, W> const &x, T const (&coefficients)[N])
{
   Splat<T, W>(y, coefficients[0]);
#pragma GCC unroll 16
   for (size_t i = 1; i < N; ++i)
      y = y * x + coefficients[i];
}

/// erf of |x| < 1; the coefficients here and below are minimax fits made for this file, as those of Math.hxx.
template <int W>
SOFIE_INLINE void SmallErf(Vec<float, W> &x)
{
   constexpr float kCoefficients[] = {7.89398837e-05f, -8.02396389e-04f, 5.19012567e-03f, -2.68549118e-02f,
                                      1.12836160e-01f, -3.76126289e-01f, 1.28379166e-01f};
   Vec<float, W> const z = x * x;
   Vec<float, W> p;
   Polynomial<float, W>(p, z, kCoefficients);
   x = x * p + x; // not x (p + 1), which would round once more
}

/// 1 - erf of x >= 0, within 5e-7.
template <int W>
SOFIE_INLINE void Erfc(Vec<float, W> &x)
{
   constexpr float kCoefficients[] = {-0.207837805f, 0.926349163f, -1.48961735f, 1.00341690f, -0.446490020f,
                                      0.301734447f,  0.399402976f, 1.00175679f,  -1.48871517f};
   Vec<float, W> const t = 1.0f / (x * 0.4f + 1.0f);
   Vec<float, W> p;
   Polynomial<float, W>(p, t, kCoefficients);
   x = p - x * x;
   Decay<float, W>(x);
   x *= t;
}

/// The error function.
struct Erf {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      if constexpr (std::is_same<T, float>::value) {
         Vec<T, W> small = x, rest = x < 0 ? -x : x;
         SmallErf<W>(small);
         Erfc<W>(rest);
         Vec<T, W> const large = x < 0 ? rest - 1.0f : 1.0f - rest;
         x = (x < 0 ? -x : x) < 1.0f ? small : large;
      } else {
         ForEachLane<T, W>(x, [](T lane) { return std::erf(lane); });
      }
   }
};

/// x / 2 (1 + erf(x / sqrt(2))), without cancellation for negative x.
struct Gelu {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      if constexpr (std::is_same<T, float>::value) {
         Vec<T, W> const s = x * 0.707106781f;
         Vec<T, W> small = s, rest = s < 0 ? -s : s;
         SmallErf<W>(small);
         Erfc<W>(rest);
         Vec<T, W> const large = s < 0 ? rest : 2.0f - rest;
         x *= 0.5f * ((s < 0 ? -s : s) < 1.0f ? small + 1.0f : large);
      } else {
         ForEachLane<T, W>(x, [](T lane) { return T(0.5) * lane * std::erfc(lane * T(-0.70710678118654752440)); });
      }
   }
};

/// log(1 + exp(x)).
struct Softplus {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      if constexpr (std::is_same<T, float>::value) {
         // log(1 + z) of z = exp(-|x|) between 0 and 1.
         constexpr float kCoefficients[] = {-3.36768664e-03f, 2.04311535e-02f,  -5.81032000e-02f,
                                            1.07270040e-01f,  -1.53845906e-01f, 1.97064281e-01f,
                                            -2.49609813e-01f, 3.33307743e-01f,  -4.99999434e-01f};
         Vec<T, W> p, z = x;
         MinusAbs<T, W>(z);
         Decay<T, W>(z);
         Polynomial<T, W>(p, z, kCoefficients);
         x = (p * (z * z) + (x < 0 ? Vec<T, W>{} : x)) + z;
      } else {
         ForEachLane<T, W>(x, [](T lane) { return (lane > 0 ? lane : T(0)) + std::log1p(std::exp(-std::fabs(lane))); });
      }
   }
};

/// The sine of x, or of x and Quarters more quarters of a turn.
template <int Quarters>
struct Sine {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      if constexpr (std::is_same<T, float>::value) {
         // Beyond this, less than 8 digits would be left of the angle within its quarter.
         Vec<std::int64_t, W> far;
         BitCast(far, (x < 0 ? -x : x) > 1.6e7f);
         std::int64_t any = 0;
#pragma GCC unroll 8
         for (int i = 0; i < W / 8; ++i)
            any |= far[i];
         if (any == 0)
            return OfNear<W>(x);
      }
      ForEachLane<T, W>(x, [](T lane) { return Quarters == 0 ? std::sin(lane) : std::cos(lane); });
   }

private:
   /// x = n quarters + r with |r| <= 1/2 of one, by double; then sin(r) or cos(r).
   template <int W>
   static SOFIE_INLINE void OfNear(Vec<float, W> &x)
   {
      using Floats = typename VectorOf<float, W / 2>::Aligned;
      using Integers = typename VectorOf<std::int32_t, W / 2>::Aligned;
      constexpr double kRound = 6755399441055744.0; // 1.5 * 2^52, which leaves an integer in the low bits
      Floats parts[2];
      Integers turns[2];
      std::memcpy(parts, &x, W);
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
         Vec<double, W> const angle = __builtin_convertvector(parts[i], Vec<double, W>);
         Vec<double, W> const shifted = angle * 0.63661977236758134308 + kRound;
         Vec<double, W> const n = shifted - kRound;
         // The first part of a quarter has 29 bits, so that n times it is exact.
         Vec<double, W> const r = (angle - n * 1.570796325802803) - n * 9.920935796805404e-10;
         Vec<std::int64_t, W> bits;
         BitCast(bits, shifted);
         parts[i] = __builtin_convertvector(r, Floats);
         turns[i] = __builtin_convertvector(bits & 3, Integers);
      }
      Vec<float, W> r, sine, cosine;
      Vec<std::int32_t, W> turn;
      std::memcpy(&r, parts, W);
      std::memcpy(&turn, turns, W);
      constexpr float kSine[] = {-1.95172979e-04f, 8.33217800e-03f, -1.66666552e-01f};
      constexpr float kCosine[] = {2.44384501e-05f, -1.38873677e-03f, 4.16666456e-02f};
      Vec<float, W> const z = r * r;
      Polynomial<float, W>(sine, z, kSine);
      Polynomial<float, W>(cosine, z, kCosine);
      sine = sine * z * r + r;
      cosine = cosine * z * z + (1.0f - z * 0.5f);
      turn += Quarters;
      Vec<float, W> const value = (turn & 1) != 0 ? cosine : sine;
      x = (turn & 2) != 0 ? -value : value;
   }
};
using Sin = Sine<0>;
using Cos = Sine<1>;

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
SOFIE_LANE_FUNCTION(Tan, std::tan(x))
SOFIE_LANE_FUNCTION(Asin, std::asin(x))
SOFIE_LANE_FUNCTION(Acos, std::acos(x))
SOFIE_LANE_FUNCTION(Atan, std::atan(x))
SOFIE_LANE_FUNCTION(Sinh, std::sinh(x))
SOFIE_LANE_FUNCTION(Cosh, std::cosh(x))
SOFIE_LANE_FUNCTION(Asinh, std::asinh(x))
SOFIE_LANE_FUNCTION(Acosh, std::acosh(x))
SOFIE_LANE_FUNCTION(Atanh, std::atanh(x))
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
      Clamp<T, W>(x, T(0), T(1));
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
