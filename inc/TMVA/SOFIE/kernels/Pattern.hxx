/// \file
/// Elements that depend on their places alone, or are kept by them.
#pragma once

#include "Vector.hxx"

namespace Kernel {

/// y[i] = start + i * step for i < n.
template <class T>
struct Range {
   template <int W, class Size>
   static SOFIE_INLINE void Run(Size n, T start, T step, T *y)
   {
      // Integers modulo 2^bits: computed without a sign, where that is defined.
      for (size_t i = 0; i < n; ++i) {
         if constexpr (std::is_integral<T>::value)
            y[i] = T(std::uint64_t(start) + i * std::uint64_t(step));
         else
            y[i] = start + T(i) * step;
      }
   }
};

/// y (rows x columns) = 1 where column - row = k, 0 elsewhere.
template <class T>
struct Eye {
   template <int W, class Rows, class Columns>
   static SOFIE_INLINE void Run(Rows rows, Columns columns, std::int64_t k, T *y)
   {
      for (size_t i = 0; i < rows; ++i, y += columns) {
         for (size_t j = 0; j < columns; ++j)
            y[j] = 0;
         size_t const place = i + size_t(k); // of nothing if that is below 0
         if (place < columns)
            y[place] = 1;
      }
   }
};

/// y = x in the upper (column - row >= k) or lower (column - row <= k) part of each matrix, 0 elsewhere.
template <class T, bool Upper>
struct Trilu {
   template <int W, class Count, class Rows, class Columns>
   static SOFIE_INLINE void Run(Count count, Rows rows, Columns columns, std::int64_t k, T const *x, T *y)
   {
      for (size_t c = 0; c < count; ++c) {
         for (size_t i = 0; i < rows; ++i, x += columns, y += columns) {
            size_t const border = Border(i, columns, k);
            for (size_t j = 0; j < border; ++j)
               y[j] = Upper ? T(0) : x[j];
            for (size_t j = border; j < columns; ++j)
               y[j] = Upper ? x[j] : T(0);
         }
      }
   }

private:
   /// The first column of the right part.
   static SOFIE_INLINE size_t Border(size_t row, size_t columns, std::int64_t k)
   {
      // Beyond these it makes no difference how far k is, and nothing overflows.
      std::int64_t const far = std::int64_t(1) << 62;
      std::int64_t const near = k > far ? far : k < -far ? -far : k;
      std::int64_t const border = std::int64_t(row) + near + (Upper ? 0 : 1);
      return border < 0 ? 0 : size_t(border) < columns ? size_t(border) : columns;
   }
};

} // namespace Kernel
