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
               Part<W>(rows - i < kSquare ? rows - i : kSquare, columns - j < kSquare ? columns - j : kSquare,
                       from + j * strideX + i, strideX, to + i * strideY + j, strideY);
      }
   }

private:
   static constexpr size_t kSquare = 16;

   /// As many tiles of whole vectors as there are, and the rest in narrower ones.
   template <int W>
   static SOFIE_INLINE void Part(size_t rows, size_t columns, T const *x, size_t strideX, T *y, size_t strideY)
   {
      constexpr size_t kL = kLanes<T, W>;
      if constexpr (sizeof(T) < 4 || kL < 4) {
         for (size_t i = 0; i < rows; ++i)
            for (size_t j = 0; j < columns; ++j)
               y[i * strideY + j] = x[j * strideX + i];
      } else {
         size_t const wholeRows = rows / kL * kL, wholeColumns = columns / kL * kL;
         for (size_t i = 0; i < wholeRows; i += kL)
            for (size_t j = 0; j < wholeColumns; j += kL)
               Tile<W>(x + j * strideX + i, strideX, y + i * strideY + j, strideY);
         Part<W / 2>(rows, columns - wholeColumns, x + wholeColumns * strideX, strideX, y + wholeColumns, strideY);
         Part<W / 2>(rows - wholeRows, wholeColumns, x + wholeRows, strideX, y + wholeRows * strideY, strideY);
      }
   }

   /// As many vectors as one has lanes. Interleaving the first half of the lines with the second one, as often as halves can be halved,
   /// makes lines of columns.
   template <int W>
   static SOFIE_INLINE void Tile(T const *x, size_t strideX, T *y, size_t strideY)
   {
      constexpr int kL = kLanes<T, W>;
      Vec<T, W> lines[kL], mixed[kL];
#pragma GCC unroll 16
      for (int j = 0; j < kL; ++j)
         Load<T, W>(lines[j], x + j * strideX);
#pragma GCC unroll 4
      for (int step = 1; step < kL; step *= 2) {
#pragma GCC unroll 8
         for (int j = 0; j < kL / 2; ++j)
            Interleave<T, W>(mixed[2 * j], mixed[2 * j + 1], lines[j], lines[j + kL / 2]);
#pragma GCC unroll 16
         for (int j = 0; j < kL; ++j)
            lines[j] = mixed[j];
      }
#pragma GCC unroll 16
      for (int i = 0; i < kL; ++i)
         Store<T, W>(y + i * strideY, lines[i]);
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
