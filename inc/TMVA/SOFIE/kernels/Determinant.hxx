/// \file
/// Determinants.
#pragma once

#include "Vector.hxx"

#include <cmath>

namespace Kernel {

/// y = the determinant of each matrix, by elimination with the largest pivots, in double. Scratch: a matrix.
template <class T>
struct Determinant {
   template <int W>
   static SOFIE_INLINE void Run(size_t matrices, size_t n, T const *x, T *y, double *a)
   {
      for (size_t matrix = 0; matrix < matrices; ++matrix, x += n * n) {
         for (size_t i = 0; i < n * n; ++i)
            a[i] = double(x[i]);
         double product = 1;
         for (size_t k = 0; k < n; ++k) {
            size_t pivot = k;
            for (size_t i = k + 1; i < n; ++i)
               if (std::fabs(a[i * n + k]) > std::fabs(a[pivot * n + k]))
                  pivot = i;
            if (pivot != k) {
               product = -product;
               for (size_t j = k; j < n; ++j) {
                  double const kept = a[k * n + j];
                  a[k * n + j] = a[pivot * n + j];
                  a[pivot * n + j] = kept;
               }
            }
            product *= a[k * n + k];
            if (a[k * n + k] == 0)
               break;
            for (size_t i = k + 1; i < n; ++i) {
               double const factor = a[i * n + k] / a[k * n + k];
               for (size_t j = k + 1; j < n; ++j)
                  a[i * n + j] -= factor * a[k * n + j];
            }
         }
         y[matrix] = T(product);
      }
   }
};

} // namespace Kernel
