/// \file
/// The steps that reductions are made of: loads with a filling, wider elements, and the lanes of a vector made one.
#pragma once

#include "Elementwise.hxx"
#include "Vector.hxx"

namespace Kernel {

/// Load the first n lanes; the others are `fill`.
template <class T, int W>
SOFIE_INLINE void LoadFilled(Vec<T, W> &v, T const *p, size_t n, T fill)
{
   T lanes[kLanes<T, W>];
   for (T &lane : lanes)
      lane = fill;
   CopyFew(lanes, p, n);
   Load<T, W>(v, lanes);
}

/// Load as many T as a vector of A has lanes.
template <class T, class A, int W>
SOFIE_INLINE void LoadAs(Vec<A, W> &v, T const *p)
{
   if constexpr (std::is_same<T, A>::value)
      Load<T, W>(v, p);
   else
      v = __builtin_convertvector(
         *reinterpret_cast<typename VectorOf<T, W *int(sizeof(T)) / int(sizeof(A))>::Loose const *>(p), Vec<A, W>);
}

/// Load the first n of them; the others are `fill`.
template <class T, class A, int W>
SOFIE_INLINE void LoadFilledAs(Vec<A, W> &v, T const *p, size_t n, T fill)
{
   T lanes[kLanes<A, W>];
   for (T &lane : lanes)
      lane = fill;
   CopyFew(lanes, p, n);
   LoadAs<T, A, W>(v, lanes);
}

/// Leave in lane 0 what F makes of all lanes, pair by pair.
template <class F, class T, int W>
SOFIE_INLINE void FoldLanes(Vec<T, W> &v)
{
   T lanes[2 * kLanes<T, W>];
   Store<T, W>(lanes + kLanes<T, W>, v);
#pragma GCC unroll 8
   for (int n = kLanes<T, W> / 2; n > 0; n /= 2) {
      Vec<T, W> shifted;
      Store<T, W>(lanes, v);
      Load<T, W>(shifted, lanes + n);
      F{}.template Apply<T, W>(v, shifted);
   }
}

/// What F makes of f(x[i]) for i < n, in all lanes of four vectors that begin with `start`; `fill` changes nothing.
template <class T, class A, int W, class F, class Pre, class Size>
SOFIE_INLINE void Accumulate(Vec<A, W> (&acc)[4], T const *x, Size n, T fill, Pre const &f)
{
   constexpr size_t kStep = kLanes<A, W>;
   size_t i = 0;
   for (; i + 4 * kStep <= n; i += 4 * kStep) {
#pragma GCC unroll 4
      for (int c = 0; c < 4; ++c) {
         Vec<A, W> v;
         LoadAs<T, A, W>(v, x + i + c * kStep);
         f.template Apply<A, W>(v);
         F{}.template Apply<A, W>(acc[c], v);
      }
   }
   for (; i < n; i += kStep) {
      Vec<A, W> v;
      if (n - i >= kStep)
         LoadAs<T, A, W>(v, x + i);
      else
         LoadFilledAs<T, A, W>(v, x + i, n - i, fill);
      f.template Apply<A, W>(v);
      F{}.template Apply<A, W>(acc[0], v);
   }
}

/// All lanes of the four vectors made one, in lane 0 of the first.
template <class F, class A, int W>
SOFIE_INLINE void FoldAll(Vec<A, W> (&acc)[4])
{
   F{}.template Apply<A, W>(acc[0], acc[1]);
   F{}.template Apply<A, W>(acc[2], acc[3]);
   F{}.template Apply<A, W>(acc[0], acc[2]);
   FoldLanes<F, A, W>(acc[0]);
}

/// The whole of it: what F makes of f(x[i]) for i < n.
template <class T, class A, int W, class F, class Pre, class Size>
SOFIE_INLINE A Accumulated(T const *x, Size n, T start, Pre const &f)
{
   Vec<A, W> acc[4];
#pragma GCC unroll 4
   for (int c = 0; c < 4; ++c)
      Splat<A, W>(acc[c], A(start));
   Accumulate<T, A, W, F>(acc, x, n, start, f);
   FoldAll<F, A, W>(acc);
   return acc[0][0];
}

} // namespace Kernel
