/// \file
/// One value from the elements along some dimensions.
#pragma once

#include "Cast.hxx"
#include "Lanes.hxx"
#include "Loop.hxx"

namespace Kernel {

/// For each step of the kept loops: y = g(F over all f(x)), where the innermost run of x is reduced. Computed in type A, so that
/// sums of floats are made in double.
template <class T, class A, class F, class Pre>
struct ReduceRows {
   template <int W, size_t K, size_t R, class Size, class G>
   static SOFIE_INLINE void Run(Loop<K, 1> const &kept, Loop<R, 1> const &reduced, Size run, T const *x, T *y, T start,
                                G g)
   {
      for (LoopState<K, 1> outer(kept); !outer.Done(); outer.Next(kept)) {
         Vec<A, W> acc[4];
#pragma GCC unroll 4
         for (int c = 0; c < 4; ++c)
            Splat<A, W>(acc[c], A(start));
         for (LoopState<R, 1> inner(reduced); !inner.Done(); inner.Next(reduced))
            Accumulate<T, A, W, F>(acc, x + outer.fOffset[0] + inner.fOffset[0], run, start, Pre{});
         acc[0][0] = FoldAll<F, A, W>(acc);
         g.template Apply<A, W>(acc[0]);
         *y++ = Converted<A, T>(acc[0][0]);
      }
   }
};

/// The same where the innermost run of x is kept.
template <class T, class A, class F, class Pre>
struct ReduceColumns {
   template <int W, size_t K, size_t R, class Size, class G>
   static SOFIE_INLINE void Run(Loop<K, 1> const &kept, Loop<R, 1> const &reduced, Size run, T const *x, T *y, T start,
                                G g)
   {
      constexpr size_t kStep = kLanes<A, W>;
      for (LoopState<K, 1> outer(kept); !outer.Done(); outer.Next(kept), y += run) {
         T const *const from = x + outer.fOffset[0];
         size_t i = 0;
         for (; i + 4 * kStep <= run; i += 4 * kStep)
            Some<W, 4>(reduced, from + i, y + i, 4 * kStep, start, g);
         for (; i < run; i += kStep)
            Some<W, 1>(reduced, from + i, y + i, run - i < kStep ? run - i : kStep, start, g);
      }
   }

private:
   template <int W, int V, size_t R, class G>
   static SOFIE_INLINE void Some(Loop<R, 1> const &reduced, T const *x, T *y, size_t n, T start, G const &g)
   {
      constexpr size_t kStep = kLanes<A, W>;
      Vec<A, W> acc[V];
#pragma GCC unroll 4
      for (int c = 0; c < V; ++c)
         Splat<A, W>(acc[c], A(start));
      for (LoopState<R, 1> at(reduced); !at.Done(); at.Next(reduced)) {
#pragma GCC unroll 4
         for (int c = 0; c < V; ++c) {
            Vec<A, W> v;
            if (n >= V * kStep)
               LoadAs<T, A, W>(v, x + at.fOffset[0] + c * kStep);
            else
               LoadFilledAs<T, A, W>(v, x + at.fOffset[0], n, start);
            Pre{}.template Apply<A, W>(v);
            F{}.template Apply<A, W>(acc[c], v);
         }
      }
      A lanes[V * kStep];
#pragma GCC unroll 4
      for (int c = 0; c < V; ++c) {
         g.template Apply<A, W>(acc[c]);
         Store<A, W>(lanes + c * kStep, acc[c]);
      }
      for (size_t i = 0; i < n; ++i)
         y[i] = Converted<A, T>(lanes[i]);
   }
};

/// The logarithm of the sum of exp(x), along rows as ReduceRows has them. y holds the maxima, which keep exp from overflowing.
template <class T>
struct LogSumExpRows {
   template <int W, size_t K, size_t R, class Size>
   static SOFIE_INLINE void Run(Loop<K, 1> const &kept, Loop<R, 1> const &reduced, Size run, T const *x, T *y)
   {
      using A = typename std::conditional<std::is_floating_point<T>::value, T, double>::type;
      for (LoopState<K, 1> outer(kept); !outer.Done(); outer.Next(kept), ++y) {
         A const shift = Shift(A(*y));
         Vec<A, W> acc[4] = {};
         A sum = 0;
         for (LoopState<R, 1> inner(reduced); !inner.Done(); inner.Next(reduced)) {
            T const *const from = x + outer.fOffset[0] + inner.fOffset[0];
            if constexpr (std::is_floating_point<T>::value) {
               // exp(-inf) fills up with zeros
               Accumulate<T, A, W, Add>(acc, from, run, -std::numeric_limits<T>::infinity(),
                                        Then(WithRight<Sub, A>{shift}, ExpOf{}));
            } else {
               for (size_t i = 0; i < run; ++i)
                  sum += std::exp(A(from[i]) - shift);
            }
         }
         *y = Converted<A, T>(std::log(FoldAll<Add, A, W>(acc) + sum) + shift);
      }
   }

   /// What is taken from x: nothing where that would make a NaN of an infinity.
   template <class A>
   static SOFIE_INLINE A Shift(A max)
   {
      return max - max == 0 ? max : A(0);
   }
};

/// The same along columns, as ReduceColumns has them.
template <class T>
struct LogSumExpColumns {
   template <int W, size_t K, size_t R, class Size>
   static SOFIE_INLINE void Run(Loop<K, 1> const &kept, Loop<R, 1> const &reduced, Size run, T const *x, T *y)
   {
      using A = typename std::conditional<std::is_floating_point<T>::value, T, double>::type;
      constexpr size_t kStep = kLanes<A, W>;
      for (LoopState<K, 1> outer(kept); !outer.Done(); outer.Next(kept), y += run) {
         for (size_t i = 0; i < run; i += kStep) {
            size_t const n = run - i < kStep ? run - i : kStep;
            A shift[kStep] = {}, sum[kStep] = {};
            for (size_t lane = 0; lane < n; ++lane)
               shift[lane] = LogSumExpRows<T>::Shift(A(y[i + lane]));
            for (LoopState<R, 1> inner(reduced); !inner.Done(); inner.Next(reduced)) {
               A lanes[kStep] = {};
               for (size_t lane = 0; lane < n; ++lane)
                  lanes[lane] = A(x[outer.fOffset[0] + inner.fOffset[0] + i + lane]) - shift[lane];
               Vec<A, W> v, total;
               Load<A, W>(v, lanes);
               Load<A, W>(total, sum);
               Exp<A, W>(v);
               Store<A, W>(sum, total + v);
            }
            for (size_t lane = 0; lane < n; ++lane)
               y[i + lane] = Converted<A, T>(std::log(sum[lane]) + shift[lane]);
         }
      }
   }
};

} // namespace Kernel
