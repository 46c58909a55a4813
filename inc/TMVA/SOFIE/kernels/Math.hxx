/// \file
/// exp, expm1, tanh and sigmoid of whole vectors. In float they are polynomials, within 2 ulp over the whole range, with
/// infinities, NaN and sub-normal results as in <cmath>; the coefficients are minimax fits made for this file (Lawson's
/// iteration on 200 Chebyshev nodes). Other types go lane by lane through <cmath>.
#pragma once

#include "Vector.hxx"

#include <cmath>

namespace Kernel {

/// Replace each lane x by f(x).
template <class T, int W, class F>
SOFIE_INLINE void ForEachLane(Vec<T, W> &v, F const &f)
{
   T lanes[kLanes<T, W>];
   Store<T, W>(lanes, v);
   for (int i = 0; i < kLanes<T, W>; ++i)
      lanes[i] = f(lanes[i]);
   Load<T, W>(v, lanes);
}

/// x = n ln2 + high + low with |high + low| <= ln2 / 2: leaves expm1(high + low) - (high + low) in x, and n in exponent. Valid for
/// |x| < 2^21.
template <int W>
SOFIE_INLINE void ReducedExp(Vec<float, W> &x, Vec<std::int32_t, W> &exponent, Vec<float, W> &high, Vec<float, W> &low)
{
   // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
   constexpr float kRound = 12582912.0f;
   Vec<float, W> const shifted = x * 1.44269504f + kRound;
   Vec<float, W> const n = shifted - kRound;
   BitCast(exponent, shifted);
   exponent -= 0x4b400000;
   // ln2 in two parts, the first with 9 trailing zero bits so that n times it is exact.
   high = x - n * 0.693359375f;
   low = n * 2.12194440e-4f;
   Vec<float, W> const r = high + low;
   // In pairs of terms, which do not wait for each other: a single function's time is that of its longest chain.
   Vec<float, W> const square = r * r;
   Vec<float, W> const fourth = r * 0.0013814602f + 0.008368717f;
   Vec<float, W> const second = r * 0.04166839f + 0.16666521f;
   x = ((fourth * square + second) * r + 0.49999994f) * square;
}

/// 2^n for -126 <= n <= 127, and 0 for -127.
template <int W>
SOFIE_INLINE void PowerOfTwo(Vec<float, W> &power, Vec<std::int32_t, W> const &n)
{
   Vec<std::int32_t, W> const bits = (n + 127) << 23;
   BitCast(power, bits);
}

template <class T, int W>
SOFIE_INLINE void Exp(Vec<T, W> &x)
{
   if constexpr (std::is_same<T, float>::value) {
      // Beyond these bounds the result is infinite or 0; a NaN passes both comparisons. What stands for the lower ones makes both
      // factors 0: a product that comes to nothing costs processors an assist, some twenty times as long as
      // all the rest.
      x = x > 89.0f ? Vec<T, W>{} + 89.0f : x;
      x = x < -104.0f ? Vec<T, W>{} - 176.1f : x;
      Vec<std::int32_t, W> n;
      Vec<T, W> high, low;
      ReducedExp<W>(x, n, high, low);
      x = (high + low) + x;
      // Two factors, since 2^n alone would overflow or lose a sub-normal result.
      Vec<T, W> half, rest;
      PowerOfTwo<W>(half, n >> 1);
      PowerOfTwo<W>(rest, n - (n >> 1));
      x = (x * half + half) * rest;
   } else {
      ForEachLane<T, W>(x, [](T lane) { return std::exp(lane); });
   }
}

/// exp(x) of x <= 0, for less: 2^n may be sub-normal, or 0 where the result is not more than the least number. Below the bound, where
/// what softmax masks is, it is 0 as in Exp.
template <class T, int W>
SOFIE_INLINE void Decay(Vec<T, W> &x)
{
   if constexpr (std::is_same<T, float>::value) {
      x = x < -104.0f ? Vec<T, W>{} - 132.5f : x;
      Vec<std::int32_t, W> n;
      Vec<T, W> high, low, power;
      ReducedExp<W>(x, n, high, low);
      PowerOfTwo<W>(power, n + 64);
      power *= 0x1p-64f;
      x = ((high + low) + x) * power + power;
   } else {
      Exp<T, W>(x);
   }
}

template <class T, int W>
SOFIE_INLINE void Expm1(Vec<T, W> &x)
{
   if constexpr (std::is_same<T, float>::value) {
      x = x > 89.0f ? Vec<T, W>{} + 89.0f : x;
      x = x < -20.0f ? Vec<T, W>{} - 20.0f : x;
      Vec<std::int32_t, W> n;
      Vec<T, W> high, low;
      ReducedExp<W>(x, n, high, low);
      Vec<T, W> const r = high + low;
      x = (x + ((high - r) + low)) + r; // with what rounding r has lost
      // (1 + q) 2^n - 1 in an order that overflows only where the result does (n up to 128).
      Vec<T, W> half, rest;
      PowerOfTwo<W>(half, n >> 1);
      PowerOfTwo<W>(rest, n - (n >> 1));
      Vec<T, W> const large = (x + 1.0f) * half * rest - 1.0f;
      Vec<T, W> const power = half * rest;
      Vec<T, W> const small = x * power + (power - 1.0f);
      x = n > 64 ? large : small;
   } else {
      ForEachLane<T, W>(x, [](T lane) { return std::expm1(lane); });
   }
}

template <class T, int W>
SOFIE_INLINE void AbsOf(Vec<T, W> &x)
{
   x = x < 0 ? -x : x;
}

/// Make x negative where `other` is.
template <int W>
SOFIE_INLINE void TakeSign(Vec<float, W> &x, Vec<float, W> const &other)
{
   Vec<std::uint32_t, W> bits, sign;
   BitCast(bits, x);
   BitCast(sign, other);
   bits |= sign & 0x80000000u;
   BitCast(x, bits);
}

/// -|x|
template <class T, int W>
SOFIE_INLINE void MinusAbs(Vec<T, W> &x)
{
   if constexpr (std::is_same<T, float>::value)
      TakeSign<W>(x, -Vec<T, W>{});
   else
      x = x < 0 ? x : -x;
}

/// Of exp(x) of x <= 0: 2^n, and what is to be added to 1 before it is multiplied with that. Below -87 both stand for 0, which is less than
/// 2e-38 off: a closed gate makes no sub-normal numbers, which would hold up each product that they come into.
template <int W>
SOFIE_INLINE void NormalExp(Vec<float, W> &power, Vec<float, W> &excess, Vec<float, W> const &x)
{
   Vec<std::int32_t, W> n;
   Vec<float, W> high, low;
   excess = x < -87.0f ? Vec<float, W>{} - 88.0f : x; // n is -127
   ReducedExp<W>(excess, n, high, low);
   excess += high + low;
   PowerOfTwo<W>(power, n);
}

/// The sigmoid of x as a fraction, of z or 1 over 1 + z, where z = exp(-|x|) never overflows. Divided it is within 3 ulp; see NormalExp.
template <class T, int W>
SOFIE_INLINE void SigmoidRatio(Vec<T, W> &over, Vec<T, W> &under, Vec<T, W> const &x)
{
   Vec<T, W> z = x;
   MinusAbs<T, W>(z);
   if constexpr (std::is_same<T, float>::value) {
      Vec<T, W> power, excess;
      NormalExp<W>(power, excess, z);
      z = excess * power + power;
   } else {
      Exp<T, W>(z);
   }
   over = x < 0 ? z : Vec<T, W>{} + T(1);
   under = z + T(1);
}

template <class T, int W>
SOFIE_INLINE void Sigmoid(Vec<T, W> &x)
{
   // 1 - z / (1 + z), or z times that, of z = exp(-|x|): what rounding 1 + z has lost counts little.
   Vec<T, W> z = x;
   MinusAbs<T, W>(z);
   Decay<T, W>(z);
   Vec<T, W> const whole = x < 0 ? z : Vec<T, W>{} + T(1);
   x = whole - whole * (z / (z + T(1)));
}

/// tanh(x) as a fraction, of 1 - z over 1 + z, where z = exp(-2 |x|). Divided it is within 3 ulp.
template <int W>
SOFIE_INLINE void TanhRatio(Vec<float, W> &over, Vec<float, W> &under, Vec<float, W> const &x)
{
   Vec<float, W> z = x + x, power, excess;
   MinusAbs<float, W>(z);
   NormalExp<W>(power, excess, z);
   over = (1.0f - power) - excess * power;
   under = 2.0f - over;
   TakeSign<W>(over, x);
}

template <class T, int W>
SOFIE_INLINE void Tanh(Vec<T, W> &x)
{
   if constexpr (std::is_same<T, float>::value) {
      // A polynomial for a small x, else 1 - 2 z / (1 + z), of z = exp(-2 |x|), with the sign of x.
      Vec<T, W> const square = x * x;
      Vec<T, W> p = square * -0.0057049864f + 0.020639086f;
      p = p * square - 0.053739715f;
      p = p * square + 0.13331442f;
      p = p * square - 0.3333328f;
      Vec<T, W> const small = p * square * x + x;
      Vec<T, W> z = x + x;
      MinusAbs<T, W>(z);
      Decay<T, W>(z);
      Vec<T, W> large = 1.0f - 2.0f * (z / (z + 1.0f));
      TakeSign<W>(large, x);
      x = square < 0.625f * 0.625f ? small : large;
   } else {
      ForEachLane<T, W>(x, [](T lane) { return std::tanh(lane); });
   }
}

} // namespace Kernel
