/// \file
/// Tensors read at places between their elements: grids of any places.
#pragma once

#include "Vector.hxx"

#include <cmath>

namespace Kernel {

/// What is outside of the input: nothing, its nearest element, or its mirror image.
enum class Outside { kZeros, kBorder, kReflection };

/// y[image, channel, point] = x read at grid[image, point], whose D coordinates are parts of the input from -1 to 1, the last dimension first.
/// \tparam Taps the neighbours along each dimension: 1, 2 (linear) or 4 (cubic). \tparam AlignsCorners whether -1 and 1 are the middles of
/// the outermost elements, not their edges.
template <class T, int D, int Taps, Outside Beyond, bool AlignsCorners>
struct GridSample {
   template <int W>
   static SOFIE_INLINE void Run(size_t images, size_t channels, size_t points, size_t d0, size_t d1, size_t d2,
                                T const *x, T const *grid, T *y)
   {
      size_t const sizes[3] = {d0, d1, d2};
      size_t const elements = d0 * d1 * d2;
      for (size_t image = 0; image < images; ++image, x += channels * elements, y += channels * points)
         for (size_t p = 0; p < points; ++p, grid += D)
            Point(channels, points, elements, sizes, x, grid, y + p);
   }

private:
   /// The neighbours of one coordinate, and their shares.
   struct Line {
      size_t fAt[Taps];
      T fShare[Taps];
   };

   static SOFIE_INLINE void Point(size_t channels, size_t points, size_t elements, size_t const *sizes, T const *x,
                                  T const *grid, T *y)
   {
      // All neighbours: those along the first dimension, each with those along the next one.
      size_t at[Power(D)];
      T share[Power(D)];
      at[0] = 0;
      share[0] = T(1);
      int count = 1;
      for (int d = 0; d < D; ++d) {
         size_t const size = sizes[3 - D + d];
         Line line;
         Neighbours(grid[D - 1 - d], size, line);
         for (int i = count; i-- > 0;)
            for (int k = Taps; k-- > 0;) {
               at[i * Taps + k] = at[i] * size + line.fAt[k];
               share[i * Taps + k] = share[i] * line.fShare[k];
            }
         count *= Taps;
      }
      for (size_t c = 0; c < channels; ++c, x += elements) {
         T sum = T(0);
         for (int i = 0; i < Power(D); ++i)
            if (share[i] != T(0))
               sum += share[i] * x[at[i]];
         y[c * points] = sum;
      }
   }

   static constexpr int Power(int d) { return d == 0 ? 1 : Taps * Power(d - 1); }

   static SOFIE_INLINE T Reflected(T x, T low, T high)
   {
      T const range = high - low;
      if (!(range > T(0)))
         return low;
      T const past = x < low ? low - x : x > high ? x - high : T(0);
      T const turns = std::floor(past / range);
      T const rest = past - turns * range;
      bool const isEven = std::fmod(turns, T(2)) == T(0);
      if (x < low)
         return isEven ? low + rest : high - rest;
      return x > high ? (isEven ? high - rest : low + rest) : x;
   }

   static SOFIE_INLINE T Clamped(T x, T low, T high) { return x > low ? (x < high ? x : high) : low; }

   static SOFIE_INLINE void Neighbours(T n, size_t size, Line &line)
   {
      T const length = T(size), end = length - T(1);
      T const low = AlignsCorners ? T(0) : T(-0.5), high = AlignsCorners ? end : length - T(0.5);
      T x = AlignsCorners ? (n + T(1)) / T(2) * end : ((n + T(1)) * length - T(1)) / T(2);
      if (Taps == 1)
         x = std::nearbyint(x);
      // Of the cubic's neighbours each is brought to the border by itself, as PyTorch and onnxruntime do.
      if (Taps != 4 && Beyond == Outside::kBorder && !(x >= low && x <= high))
         x = Clamped(x, T(0), end);
      if (Beyond == Outside::kReflection)
         x = Reflected(x, low, high);
      // Beyond that there is nothing else; a NaN is nowhere.
      x = Clamped(x, T(-8), length + T(8));
      T const floor = std::floor(x), rest = x - floor;
      if constexpr (Taps == 1) {
         line.fShare[0] = T(1);
      } else if constexpr (Taps == 2) {
         line.fShare[0] = T(1) - rest;
         line.fShare[1] = rest;
      } else {
         T const a = T(-0.75);
         for (int k = 0; k < 4; ++k) {
            T const d = std::fabs(T(k - 1) - rest);
            line.fShare[k] =
               d <= T(1) ? ((a + T(2)) * d - (a + T(3))) * d * d + T(1) : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
         }
      }
      for (int k = 0; k < Taps; ++k) {
         T i = floor + T(k - (Taps == 4));
         if (Beyond == Outside::kReflection)
            i = std::trunc(Reflected(i, low, high));
         if (Beyond == Outside::kZeros && (i < T(0) || i > end))
            line.fShare[k] = T(0);
         line.fAt[k] = size_t(Clamped(i, T(0), end));
      }
   }
};

} // namespace Kernel
