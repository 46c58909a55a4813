/// \file
/// Tensors read at places between their elements: grids of other sizes, one dimension after the other.
#pragma once

#include "Lanes.hxx"

#include <cmath>

namespace Kernel {

/// How a place of the result becomes one of the input.
enum class Coordinates {
   kHalfPixel,
   kHalfPixelSymmetric,
   kPytorchHalfPixel,
   kHalfPixelForNearest,
   kAlignCorners,
   kAsymmetric,
   kCropAndResize
};

/// What is read there: one element (rounded so), or a mean of 2 or 4 neighbours.
enum class Interpolation { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil, kLinear, kCubic };

struct ResizeRule {
   Interpolation fInterpolation;
   Coordinates fCoordinates;
   double fCubic;         ///< The cubic's parameter.
   double fExtrapolation; ///< What is outside of the region.
   bool fExcludesOutside; ///< Neighbours outside of the input have no share.

   constexpr bool IsNearest() const { return fInterpolation < Interpolation::kLinear; }
};

/// One dimension, and those before and behind it.
struct ResizeAxis {
   size_t fOuter, fIn, fOut, fInner;
   double fScale;       ///< Of the result by the input.
   double fBegin, fEnd; ///< The region, as parts of the input.
   int fFirst;          ///< From the element before a place to the first neighbour that has a share.
   size_t fTaps;        ///< The number of neighbours that have one.
   double fWiden;       ///< Below 1 they are as many as fall on one element of a smaller result.
};

/// The axes that are resized, in their order.
template <size_t N>
struct ResizeAxes {
   ResizeAxis fAxes[N];
};

/// The place in the input of element o of the result.
inline double ResizePlace(ResizeRule const &rule, ResizeAxis const &axis, size_t o)
{
   double const in = double(axis.fIn), x = double(o), whole = axis.fScale * in;
   double const half = (x + 0.5) / axis.fScale - 0.5;
   switch (rule.fCoordinates) {
   case Coordinates::kHalfPixel: return half;
   case Coordinates::kHalfPixelSymmetric: return in / 2 * (1 - double(axis.fOut) / whole) + half;
   case Coordinates::kPytorchHalfPixel: return whole == 1 ? -0.5 : half;
   case Coordinates::kHalfPixelForNearest: return half + 0.5;
   case Coordinates::kAlignCorners: return whole == 1 ? 0 : x * (in - 1) / (whole - 1);
   case Coordinates::kAsymmetric: return x / axis.fScale;
   default: break;
   }
   double const size = axis.fEnd - axis.fBegin;
   return (whole == 1 ? size * (in - 1) / 2 : x * size * (in - 1) / (whole - 1)) + axis.fBegin * (in - 1);
}

/// The share of a neighbour at a distance.
inline double ResizeShare(ResizeRule const &rule, double distance)
{
   double const d = distance < 0 ? -distance : distance;
   if (rule.fInterpolation == Interpolation::kLinear)
      return d < 1 ? 1 - d : 0;
   double const a = rule.fCubic;
   if (d <= 1)
      return ((a + 2) * d - (a + 3)) * d * d + 1;
   return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/// For each element of the result its neighbours (-1: it is outside) and their shares.
template <class T>
inline void ResizeTable(ResizeRule const &rule, ResizeAxis const &axis, std::int64_t *at, T *shares)
{
   auto const last = std::int64_t(axis.fIn) - 1;
   for (size_t o = 0; o < axis.fOut; ++o, at += axis.fTaps, shares += axis.fTaps) {
      // Which neighbour is nearest is decided in the precision that scales have: 17 / 1.7f is 10, and not just below.
      double const exact = ResizePlace(rule, axis, o), place = rule.IsNearest() ? double(float(exact)) : exact;
      double const floor = std::floor(place), rest = place - floor;
      auto const base = std::int64_t(floor);
      if (rule.fCoordinates == Coordinates::kCropAndResize && (place < 0 || place > double(last))) {
         at[0] = -1;
         continue;
      }
      if (rule.IsNearest()) {
         bool const isUp = rule.fInterpolation == Interpolation::kRoundPreferFloor  ? rest > 0.5
                           : rule.fInterpolation == Interpolation::kRoundPreferCeil ? rest >= 0.5
                           : rule.fInterpolation == Interpolation::kCeil            ? rest > 0
                                                                                    : false;
         std::int64_t const i = base + isUp;
         at[0] = i < 0 ? 0 : i > last ? last : i;
         continue;
      }
      double sum = 0;
      for (size_t k = 0; k < axis.fTaps; ++k) {
         std::int64_t const i = base + axis.fFirst + std::int64_t(k);
         double const distance = (double(axis.fFirst) + double(k) - rest) * axis.fWiden;
         bool const isLeftOut = rule.fExcludesOutside && (i < 0 || i > last);
         at[k] = i < 0 ? 0 : i > last ? last : i;
         shares[k] = isLeftOut ? T(0) : T(ResizeShare(rule, distance));
         sum += double(shares[k]);
      }
      for (size_t k = 0; sum != 0 && sum != 1 && k < axis.fTaps; ++k)
         shares[k] = T(double(shares[k]) / sum);
   }
}

/// Resize each of `planes` tensors along some axes, one after the other.
/// Scratch: `at` and `shares` hold the neighbours of all elements of each resized axis, `between` the tensors between two axes.
template <class T, bool IsNearest>
struct Resize {
   template <int W, size_t N>
   static SOFIE_INLINE void Run(size_t planes, ResizeRule const &rule, ResizeAxes<N> const &axes, T const *x, T *y,
                                std::int64_t *at, T *shares, T *between)
   {
      size_t table = 0;
      for (auto const &axis : axes.fAxes) {
         ResizeTable(rule, axis, at + table, shares + table);
         table += axis.fOut * axis.fTaps;
      }
      ResizeAxis const &front = axes.fAxes[0], &back = axes.fAxes[N - 1];
      for (size_t plane = 0; plane < planes; ++plane) {
         T const *from = x + plane * front.fOuter * front.fIn * front.fInner;
         T *to = between;
         table = 0;
         for (size_t d = 0; d < N; ++d) {
            ResizeAxis const &axis = axes.fAxes[d];
            if (d + 1 == N)
               to = y + plane * back.fOuter * back.fOut * back.fInner;
            Along<W>(axis, T(rule.fExtrapolation), from, to, at + table, shares + table);
            table += axis.fOut * axis.fTaps;
            from = to;
            to += axis.fOuter * axis.fOut * axis.fInner;
         }
      }
   }

private:
   template <int W>
   static SOFIE_INLINE void Along(ResizeAxis const &axis, T outside, T const *x, T *y, std::int64_t const *table,
                                  T const *shares)
   {
      size_t const inner = axis.fInner;
      for (size_t outer = 0; outer < axis.fOuter; ++outer, x += axis.fIn * inner)
         for (size_t o = 0; o < axis.fOut; ++o, y += inner) {
            std::int64_t const *const at = table + o * axis.fTaps;
            if (at[0] < 0) {
               for (size_t i = 0; i < inner; ++i)
                  y[i] = outside;
            } else if (IsNearest) {
               if (inner == 1)
                  y[0] = x[at[0]];
               else
                  std::memcpy(y, x + size_t(at[0]) * inner, inner * sizeof(T));
            } else {
               Mean<W>(inner, axis.fTaps, x, at, shares + o * axis.fTaps, y);
            }
         }
   }

   /// y[i] = the sum of shares[k] * x[at[k], i].
   template <int W>
   static SOFIE_INLINE void Mean(size_t inner, size_t taps, T const *x, std::int64_t const *at, T const *shares, T *y)
   {
      if constexpr (std::is_floating_point<T>::value) {
         constexpr size_t kStep = kLanes<T, W>;
         size_t i = 0;
         for (; i + kStep <= inner; i += kStep) {
            Vec<T, W> sum = {}, v;
            for (size_t k = 0; k < taps; ++k) {
               Load<T, W>(v, x + size_t(at[k]) * inner + i);
               sum += v * shares[k];
            }
            Store<T, W>(y + i, sum);
         }
         for (; i < inner; ++i) {
            T sum = T(0);
            for (size_t k = 0; k < taps; ++k)
               sum += x[size_t(at[k]) * inner + i] * shares[k];
            y[i] = sum;
         }
      }
   }
};

} // namespace Kernel
