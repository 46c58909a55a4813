/// \file
/// Elements that move and do not change.
#pragma once

#include "Loop.hxx"

namespace Kernel {

/// Runs of elements, copied from and to where the loops stand.
template <class T>
struct Copy {
   template <int W, size_t R, class Size>
   static SOFIE_INLINE void Run(Loop<R, 2> const &loop, Size run, T const *x, T *y)
   {
      for (LoopState<R, 2> at(loop); !at.Done(); at.Next(loop))
         std::memcpy(y + at.fOffset[1], x + at.fOffset[0], size_t(run) * sizeof(T));
   }
};

/// Elements of x in the order of y: a run at each place of the loops, which move from `begin` on. The elements of a run are `step`
/// apart: 1, 0 where one is repeated, anything modulo 2^64 where the run goes back.
template <class T>
struct Move {
   template <int W, size_t R, class Size, class Step>
   static SOFIE_INLINE void Run(Loop<R, 1> const &loop, Size run, Step step, T const *x, size_t begin, T *y)
   {
      for (LoopState<R, 1> at(loop); !at.Done(); at.Next(loop), y += run) {
         size_t place = begin + at.fOffset[0];
         if constexpr (std::is_same<Step, Fixed<1>>::value) {
            std::memcpy(y, x + place, size_t(run) * sizeof(T));
         } else {
            for (size_t i = 0; i < run; ++i, place += step)
               y[i] = x[place];
         }
      }
   }
};

/// Transposed matrices, y[i * strideY + j] = x[j * strideX + i] for i < rows, j < columns, at each place of the loops.
template <class T>
struct Transpose {
   template <int W, size_t R, class Rows, class Columns>
   static SOFIE_INLINE void Run(Loop<R, 2> const &loop, Rows rows, Columns columns, T const *x, size_t strideX, T *y,
                                size_t strideY)
   {
      for (LoopState<R, 2> at(loop); !at.Done(); at.Next(loop)) {
         T const *const from = x + at.fOffset[0];
         T *const to = y + at.fOffset[1];
         // In squares whose lines of both sides stay in the first-level cache.
         for (size_t i = 0; i < rows; i += kSquare)
            for (size_t j = 0; j < columns; j += kSquare)
               Square(rows - i < kSquare ? rows - i : kSquare, columns - j < kSquare ? columns - j : kSquare,
                      from + j * strideX + i, strideX, to + i * strideY + j, strideY);
      }
   }

private:
   static constexpr size_t kSquare = 16;

   static SOFIE_INLINE void Square(size_t rows, size_t columns, T const *x, size_t strideX, T *y, size_t strideY)
   {
      if (rows == kSquare && columns == kSquare) {
         for (size_t i = 0; i < kSquare; ++i)
#pragma GCC unroll 16
            for (size_t j = 0; j < kSquare; ++j)
               y[i * strideY + j] = x[j * strideX + i];
      } else {
         for (size_t i = 0; i < rows; ++i)
            for (size_t j = 0; j < columns; ++j)
               y[i * strideY + j] = x[j * strideX + i];
      }
   }
};

/// y[i] = value for i < n.
template <class T>
struct Fill {
   template <int W, class Size>
   static SOFIE_INLINE void Run(Size n, T value, T *y)
   {
      for (size_t i = 0; i < n; ++i)
         y[i] = value;
   }
};

} // namespace Kernel
