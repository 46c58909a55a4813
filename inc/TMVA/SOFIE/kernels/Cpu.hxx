/// \file
/// What this processor and its operating system allow, and the one place that chooses the width of the vectors.
#pragma once

#include "Vector.hxx"

#include <cstdlib>
#include <stdexcept>
#include <string>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace Kernel {

#if defined(__x86_64__)
/// The register states that the operating system saves (XCR0). __builtin_cpu_supports does not link under cling.
__attribute__((target("xsave"))) inline unsigned long long EnabledState()
{
   return __builtin_ia32_xgetbv(0);
}

/// The widest registers, in bytes, for which kernels are compiled and which processor and operating system support.
inline int WidestVector()
{
   unsigned a, b, c, d;
   if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX) || !(c & bit_FMA))
      return 16;
   unsigned long long const state = EnabledState();
   if ((state & 0x6) != 0x6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2))
      return 16;
   unsigned const avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
   return (b & avx512) == avx512 && (state & 0xe6) == 0xe6 ? 64 : 32;
}
#else
inline int WidestVector()
{
   return 16;
}
#endif

/// The width that a Session uses: TMVA_SOFIE_VECTOR_BYTES at compile time, else the environment's SOFIE_VECTOR_BYTES, else the widest.
/// \throws std::runtime_error for a width that this machine or this build lacks.
inline int ChooseVector()
{
   int const widest = WidestVector();
   int width = widest;
#if defined(TMVA_SOFIE_VECTOR_BYTES)
   width = TMVA_SOFIE_VECTOR_BYTES;
#else
   if (char const *pinned = std::getenv("SOFIE_VECTOR_BYTES")) {
      width = std::atoi(pinned);
   }
#endif
   if ((width != 16 && width != 32 && width != 64) || width > widest) {
      throw std::runtime_error("TMVA-SOFIE: vectors of " + std::to_string(width) +
                               " bytes were asked for, this machine has 16 to " + std::to_string(widest));
   }
   return width;
}

/// Call f(std::integral_constant<int, W>) for the width chosen; only the widths that this build compiles exist in it.
template <class F>
SOFIE_INLINE void Dispatch(int width, F const &f)
{
#if defined(TMVA_SOFIE_VECTOR_BYTES)
   (void)width;
   f(std::integral_constant<int, TMVA_SOFIE_VECTOR_BYTES>{});
#elif defined(__x86_64__)
   if (width == 64)
      f(std::integral_constant<int, 64>{});
   else if (width == 32)
      f(std::integral_constant<int, 32>{});
   else
      f(std::integral_constant<int, 16>{});
#else
   (void)width;
   f(std::integral_constant<int, 16>{});
#endif
}

} // namespace Kernel
