/// \file
/// Elements chosen by their values: how many there are is known only afterwards.
#pragma once

#include "Vector.hxx"

#include <algorithm>
#include <cstring>

namespace Kernel {

/// How many of n elements are not 0.
template <class T>
struct CountNonZero {
   template <int W, class Size>
   static SOFIE_INLINE void Run(Size n, T const *x, size_t *count)
   {
      size_t found = 0;
      for (size_t i = 0; i < n; ++i)
         found += x[i] != T(0);
      *count = found;
   }
};

/// The sizes of a tensor of R dimensions.
template <size_t R>
struct Sizes {
   size_t fSize[R > 0 ? R : 1];
};

/// y (R, count): the indices of all elements that are not 0, in their order.
template <class T>
struct NonZero {
   template <int W, size_t R>
   static SOFIE_INLINE void Run(Sizes<R> const &sizes, T const *x, size_t count, std::int64_t *y)
   {
      std::int64_t index[R > 0 ? R : 1] = {};
      size_t found = 0;
      for (size_t i = 0; found < count; ++i) {
         if (x[i] != T(0)) {
            for (size_t d = 0; d < R; ++d)
               y[d * count + found] = index[d];
            ++found;
         }
         for (size_t d = R; d-- > 0;) {
            if (size_t(++index[d]) < sizes.fSize[d])
               break;
            index[d] = 0;
         }
      }
   }
};

/// Those runs of x (outer, n, run) for which the condition holds, n being the conditions that there are.
template <class T>
struct Compress {
   template <int W, class Outer, class Size, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Size size, Size conditions, Inner run, T const *x,
                                std::uint8_t const *condition, T *y)
   {
      for (size_t o = 0; o < outer; ++o) {
         for (size_t i = 0; i < conditions; ++i) {
            if (!condition[i])
               continue;
            std::memcpy(y, x + (o * size + i) * run, size_t(run) * sizeof(T));
            y += size_t(run);
         }
      }
   }
};

/// Which slices of x (outer, n, run) along its middle are different, in their natural order or in that of their first appearance.
/// first[k] is where the k-th of them appears first, counts[k] how often it does, inverse[i] which of them slice i is; order is scratch.
template <class T>
struct Unique {
   template <int W, class Outer, class Size, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Size n, Inner run, T const *x, bool sorted, std::int64_t *order,
                                std::int64_t *first, std::int64_t *counts, std::int64_t *inverse, size_t *found)
   {
      auto const compare = [&](std::int64_t a, std::int64_t b) {
         return Compare(outer, n, run, x, size_t(a), size_t(b));
      };
      for (size_t i = 0; i < n; ++i)
         order[i] = std::int64_t(i);
      std::sort(order, order + size_t(n), [&](std::int64_t a, std::int64_t b) {
         int const result = compare(a, b);
         return result < 0 || (result == 0 && a < b);
      });
      size_t groups = 0;
      for (size_t i = 0; i < n; ++i) {
         if (i == 0 || compare(order[i - 1], order[i]) != 0) {
            first[groups] = order[i];
            counts[groups++] = 0;
         }
         ++counts[groups - 1];
         inverse[order[i]] = std::int64_t(groups - 1);
      }
      if (!sorted) {
         // Rank the groups by their first appearance: order[k] is the old number of the k-th group.
         for (size_t k = 0; k < groups; ++k)
            order[k] = std::int64_t(k);
         std::sort(order, order + groups, [&](std::int64_t a, std::int64_t b) { return first[a] < first[b]; });
         Permute(groups, order, first, counts, inverse, n);
      }
      *found = groups;
   }

private:
   /// NaN is greater than any number, and equal to itself.
   static int Compare(size_t outer, size_t n, size_t run, T const *x, size_t a, size_t b)
   {
      for (size_t o = 0; o < outer; ++o) {
         for (size_t j = 0; j < run; ++j) {
            T const left = x[(o * n + a) * run + j];
            T const right = x[(o * n + b) * run + j];
            if (left < right || (right != right && left == left))
               return -1;
            if (right < left || (left != left && right == right))
               return 1;
         }
      }
      return 0;
   }

   /// Bring the groups into a new order. Each cycle of the permutation is walked once, so that no more memory is needed.
   static void Permute(size_t groups, std::int64_t *order, std::int64_t *first, std::int64_t *counts,
                       std::int64_t *inverse, size_t n)
   {
      for (size_t i = 0; i < n; ++i)
         inverse[i] = first[inverse[i]]; // by where the group appears first, which no order changes
      for (size_t start = 0; start < groups; ++start) {
         size_t to = start;
         while (order[to] != std::int64_t(start) && order[to] >= 0) {
            size_t const from = size_t(order[to]);
            std::swap(first[to], first[from]);
            std::swap(counts[to], counts[from]);
            order[to] = -1;
            to = from;
         }
         order[to] = -1;
      }
      for (size_t i = 0; i < n; ++i)
         inverse[i] = std::lower_bound(first, first + groups, inverse[i]) - first;
   }
};

/// Slices of x (outer, n, run), chosen by their numbers along its middle: y (outer, count, run).
template <class T>
struct TakeSlices {
   template <int W, class Outer, class Size, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Size n, Inner run, T const *x, std::int64_t const *which, size_t count,
                                T *y)
   {
      for (size_t o = 0; o < outer; ++o)
         for (size_t k = 0; k < count; ++k)
            std::memcpy(y + (o * count + k) * run, x + (o * n + size_t(which[k])) * run, size_t(run) * sizeof(T));
   }
};

/// Boxes by falling score, without those that overlap a better one of their class too much: rows (batch, class, box) of `chosen`.
/// The area of the intersection over that of the union, of boxes (batch, n, 4) by two corners (y, x, y, x) or by center (x, y) and size
/// (w, h). order is scratch for n indices.
struct NonMaxSuppression {
   template <int W, class Batches, class Classes, class Size>
   static SOFIE_INLINE void Run(Batches batches, Classes classes, Size n, float const *boxes, float const *scores,
                                bool byCenter, std::int64_t most, float overlap, bool hasLeast, float least,
                                std::int64_t *order, std::int64_t *chosen, size_t *count)
   {
      *count = 0;
      for (size_t batch = 0; batch < batches; ++batch) {
         for (size_t c = 0; c < classes; ++c) {
            float const *const score = scores + (batch * classes + c) * n;
            float const *const box = boxes + batch * n * 4;
            size_t candidates = 0;
            for (size_t i = 0; i < n; ++i)
               if (!hasLeast || score[i] > least)
                  order[candidates++] = std::int64_t(i);
            std::sort(order, order + candidates, [&](std::int64_t a, std::int64_t b) {
               return score[a] > score[b] || (score[a] == score[b] && a < b);
            });
            size_t const begin = *count;
            for (size_t i = 0; i < candidates && std::int64_t(*count - begin) < most; ++i) {
               bool isFree = true;
               for (size_t k = begin; k < *count && isFree; ++k)
                  isFree = !(Overlap(box + 4 * order[i], box + 4 * chosen[3 * k + 2], byCenter) > overlap);
               if (!isFree)
                  continue;
               std::int64_t *const row = chosen + 3 * (*count)++;
               row[0] = std::int64_t(batch);
               row[1] = std::int64_t(c);
               row[2] = order[i];
            }
         }
      }
   }

private:
   struct Corners {
      float fLow[2];
      float fHigh[2];
   };

   static Corners CornersOf(float const *box, bool byCenter)
   {
      Corners corners;
      for (int d = 0; d < 2; ++d) {
         float const a = byCenter ? box[d] - box[d + 2] / 2 : box[d];
         float const b = byCenter ? box[d] + box[d + 2] / 2 : box[d + 2];
         corners.fLow[d] = std::min(a, b);
         corners.fHigh[d] = std::max(a, b);
      }
      return corners;
   }

   static float Overlap(float const *one, float const *other, bool byCenter)
   {
      Corners const a = CornersOf(one, byCenter);
      Corners const b = CornersOf(other, byCenter);
      float common = 1, areaA = 1, areaB = 1;
      for (int d = 0; d < 2; ++d) {
         common *= std::max(0.f, std::min(a.fHigh[d], b.fHigh[d]) - std::max(a.fLow[d], b.fLow[d]));
         areaA *= a.fHigh[d] - a.fLow[d];
         areaB *= b.fHigh[d] - b.fLow[d];
      }
      return areaA <= 0 || areaB <= 0 ? 0 : common / (areaA + areaB - common);
   }
};

} // namespace Kernel
