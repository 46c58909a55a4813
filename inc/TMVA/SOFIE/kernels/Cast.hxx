/// \file
/// Elements of one type as elements of another.
#pragma once

#include "Vector.hxx"

#include <limits>

namespace Kernel {

/// What a bool is stored as, to tell it from numbers of one byte.
struct Truth {};

/// One element of another type: floats to integers are truncated, and kept in the range (a NaN becomes 0); integers lose the
/// bits that do not fit; all but 0 is true.
template <class From, class To>
SOFIE_INLINE To Converted(From x)
{
   if constexpr (std::is_floating_point<From>::value && std::is_integral<To>::value) {
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
   static SOFIE_INLINE void Run(Size n, From const *x, To *y)
   {
      for (size_t i = 0; i < n; ++i)
         y[i] = Converted<From, To>(x[i]);
   }
};

/// To bool.
template <class From>
struct Cast<From, Truth> {
   template <int W, class Size>
   static SOFIE_INLINE void Run(Size n, From const *x, std::uint8_t *y)
   {
      for (size_t i = 0; i < n; ++i)
         y[i] = x[i] != From(0);
   }
};

} // namespace Kernel
