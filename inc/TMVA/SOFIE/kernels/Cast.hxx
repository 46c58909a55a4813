/// \file
/// Elements of one type as elements of another.
#pragma once

#include "Vector.hxx"

#include <limits>

namespace Kernel {

/// What a bool is stored as, to tell it from numbers of one byte.
struct Truth {};
/// IEEE's 16-bit float, stored as the bits.
struct Float16 {};
/// The upper half of a float, stored as the bits.
struct BFloat16 {};

/// What an element is stored as.
template <class T>
struct StoredAs {
   using Type = T;
};
template <>
struct StoredAs<Truth> {
   using Type = std::uint8_t;
};
template <>
struct StoredAs<Float16> {
   using Type = std::uint16_t;
};
template <>
struct StoredAs<BFloat16> {
   using Type = std::uint16_t;
};
template <class T>
using Stored = typename StoredAs<T>::Type;

/// The number that the bits of a 16-bit float stand for.
template <class Half>
SOFIE_INLINE float Widened(std::uint16_t half)
{
   std::uint32_t bits = std::uint32_t(half) << 16;
   float number;
   if (std::is_same<Half, Float16>::value) {
      // Exponent and fraction as those of a float, whose exponents start 112 lower; all ones are infinities and NaN.
      std::uint32_t const magnitude = (std::uint32_t(half) & 0x7fff) << 13;
      BitCast(number, magnitude);
      number *= 5.192296858534828e33f; // 2^112, exact, of sub-normal ones too
      BitCast(bits, number);
      bits |= (half & 0x7c00) == 0x7c00 ? 0x7f800000u : 0u;
      bits |= (std::uint32_t(half) & 0x8000) << 16;
   }
   BitCast(number, bits);
   return number;
}

/// The nearest 16-bit float, halves to the even one.
template <class Half>
SOFIE_INLINE std::uint16_t Narrowed(float number)
{
   std::uint32_t bits;
   BitCast(bits, number);
   std::uint32_t const sign = (bits >> 16) & 0x8000;
   bits &= 0x7fffffff;
   bool const isNaN = bits > 0x7f800000;
   std::uint32_t result;
   if (std::is_same<Half, Float16>::value) {
      // Where the result is sub-normal, adding 0.5 leaves it in the low bits, rounded as sums are.
      float small;
      std::uint32_t smallBits;
      BitCast(small, bits);
      small += 0.5f;
      BitCast(smallBits, small);
      smallBits -= 0x3f000000;
      std::uint32_t const normal = (bits - 0x38000000 + 0xfff + ((bits >> 13) & 1)) >> 13;
      result = bits < 0x38800000 ? smallBits : normal;
      result = bits >= 0x47800000 ? 0x7c00 : result; // 2^16 and more
      result = isNaN ? 0x7e00 : result;
   } else {
      result = isNaN ? 0x7fc0 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
   }
   return std::uint16_t(sign | result);
}

/// A float that rounds to the same 16-bit float as the number: of two that are nearest, the odd one.
SOFIE_INLINE float RoundedToOdd(double number)
{
   float nearest = float(number);
   std::uint32_t bits;
   BitCast(bits, nearest);
   bool const isLarger = (nearest < 0 ? -double(nearest) : double(nearest)) > (number < 0 ? -number : number);
   bits = number == double(nearest) || number != number ? bits : (bits - (isLarger ? 1 : 0)) | 1;
   BitCast(nearest, bits);
   return nearest;
}

/// The integer as a double, where that has not enough digits with one for all that are lost.
template <class T>
SOFIE_INLINE double WithDigits(T x)
{
   if constexpr (sizeof(T) < 8) {
      return double(x);
   } else {
      bool const isNegative = std::is_signed<T>::value && x < T(0);
      std::uint64_t magnitude = isNegative ? std::uint64_t(0) - std::uint64_t(x) : std::uint64_t(x);
      if (magnitude >> 53 != 0)
         magnitude = (magnitude | ((magnitude & 0x7ff) != 0 ? 0x800 : 0)) & ~std::uint64_t(0x7ff);
      return isNegative ? -double(magnitude) : double(magnitude);
   }
}

template <class T>
constexpr bool kIsHalf = std::is_same<T, Float16>::value || std::is_same<T, BFloat16>::value;

/// One element of another type: floats to integers are truncated, and kept in the range (a NaN becomes 0); integers lose the
/// bits that do not fit; all but 0 is true.
template <class From, class To>
SOFIE_INLINE Stored<To> Converted(Stored<From> x)
{
   if constexpr (kIsHalf<From>) {
      if constexpr (std::is_same<From, To>::value)
         return x;
      else
         return Converted<float, To>(Widened<From>(x));
   } else if constexpr (std::is_same<To, Truth>::value) {
      return x != 0;
   } else if constexpr (kIsHalf<To>) {
      if constexpr (std::is_same<From, float>::value)
         return Narrowed<To>(x);
      else if constexpr (std::is_same<From, double>::value)
         return Narrowed<To>(RoundedToOdd(x));
      else
         return Narrowed<To>(RoundedToOdd(WithDigits(x)));
   } else if constexpr (std::is_floating_point<From>::value && std::is_integral<To>::value) {
      // 2^bits is exact in any floating type, the largest integer need not be.
      constexpr From kEnd = From(To(1) << (std::numeric_limits<To>::digits - 1)) * From(2);
      constexpr From kBegin = std::is_signed<To>::value ? -kEnd : From(0);
      return x >= kEnd     ? std::numeric_limits<To>::max()
             : x <= kBegin ? std::numeric_limits<To>::min()
             : x != x      ? To(0)
                           : To(x);
   } else {
      return To(x);
   }
}

/// y[i] = x[i] as a To, for i < n.
template <class From, class To>
struct Cast {
   template <int W, class Size>
   static SOFIE_INLINE void Run(Size n, Stored<From> const *x, Stored<To> *y)
   {
      constexpr size_t kBlock = 32;
      size_t i = 0;
      for (; i + kBlock <= n; i += kBlock) {
         // To memory that nothing else can be, as in Pointwise.
         Stored<To> block[kBlock];
         for (size_t j = 0; j < kBlock; ++j)
            block[j] = Converted<From, To>(x[i + j]);
         std::memcpy(y + i, block, sizeof(block));
      }
      for (; i < n; ++i)
         y[i] = Converted<From, To>(x[i]);
   }
};

} // namespace Kernel
