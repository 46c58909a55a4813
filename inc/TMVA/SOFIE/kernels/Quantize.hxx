/// \file
/// Numbers as small integers: functors for Pointwise.
#pragma once

#include "Pointwise.hxx"

namespace Kernel {

/// The nearest integer of type Y to x / scale, halves to the even one, moved by `zero` and kept in the range.
template <class Y>
struct Quantize {
   template <class X, class Scale>
   SOFIE_INLINE Y operator()(X x, Scale scale, Y zero = 0) const
   {
      // From 2^23 on (2^52 of double) every float is an integer, and a smaller sum with it has no room for a fraction.
      constexpr Scale kWhole = Scale(std::uint64_t(1) << (std::numeric_limits<Scale>::digits - 1));
      Scale const ratio = Scale(x) / scale;
      Scale const magnitude = ratio < 0 ? -ratio : ratio;
      Scale const rounded = (magnitude + kWhole) - kWhole;
      Scale const whole = magnitude < kWhole ? (ratio < 0 ? -rounded : rounded) : ratio;
      return Converted<Scale, Y>(whole + Scale(zero));
   }
};

/// (x - zero) * scale.
struct Dequantize {
   template <class X, class Scale>
   SOFIE_INLINE Scale operator()(X x, Scale scale, X zero = 0) const
   {
      using Wide = typename std::conditional<sizeof(X) < 4, std::int32_t, std::int64_t>::type;
      return Scale(Wide(x) - Wide(zero)) * scale;
   }
};

} // namespace Kernel
