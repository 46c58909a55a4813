/// \file
/// Pools undone: values go back to where they were.
#pragma once

#include "Vector.hxx"

#include <stdexcept>

namespace Kernel {

/// Planes of up to three dimensions, and how far their elements are apart in a tensor.
struct Places {
   size_t fSizes[4];
   size_t fStrides[4];
};

/// y = 0 but for y[place of indices[i]] = x[i]; an index counts the elements of the places.
template <class T>
struct MaxUnpool {
   template <int W>
   static SOFIE_INLINE void Run(size_t n, T const *x, std::int64_t const *indices, Places const &places, size_t length,
                                T *y)
   {
      std::memset(static_cast<void *>(y), 0, length * sizeof(T));
      size_t const end = places.fSizes[0] * places.fSizes[1] * places.fSizes[2] * places.fSizes[3];
      for (size_t i = 0; i < n; ++i) {
         size_t index = size_t(indices[i]);
         if (index >= end)
            throw std::runtime_error("MaxUnpool: an index is outside the output");
         size_t at = 0;
         for (int d = 3; d >= 0; --d) {
            at += index % places.fSizes[d] * places.fStrides[d];
            index /= places.fSizes[d];
         }
         y[at] = x[i];
      }
   }
};

} // namespace Kernel
