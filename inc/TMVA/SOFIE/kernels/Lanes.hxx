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

/// Lane by lane: one conversion, for which GCC takes a vector in halves if it is given one. Clang does the opposite.
template <class T, class A, int W, int... I>
SOFIE_INLINE void LoadConverted(Vec<A, W> &v, T const *p, std::integer_sequence<int, I...>)
{
   v = Vec<A, W>{A(p[I])...};
}

/// Load as many T as a vector of A has lanes.
template <class T, class A, int W>
SOFIE_INLINE void LoadAs(Vec<A, W> &v, T const *p)
{
#if defined(__clang__)
   constexpr bool kByLanes = false;
#else
   constexpr bool kByLanes = std::is_floating_point<T>::value;
#endif
   if constexpr (std::is_same<T, A>::value)
      Load<T, W>(v, p);
   else if constexpr (kByLanes)
      LoadConverted<T, A, W>(v, p, std::make_integer_sequence<int, kLanes<A, W>>{});
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

/// What F makes of all lanes, half with half: of the first 2 N ones.
template <class F, class T, int W, int N = kLanes<T, W> / 2>
SOFIE_INLINE T FoldLanes(Vec<T, W> const &v)
{
   Vec<T, W> lower = v, upper;
   Rotate<N, T, W>(upper, v);
   F{}.template Apply<T, W>(lower, upper);
   if constexpr (N > 1)
      return FoldLanes<F, T, W, N / 2>(lower);
   else
      return lower[0];
}

/// The lanes of each of as many vectors as one has lanes made one, all at once: those of vectors[i] become the lane i of the first.
template <class F, class T, int W, int N = kLanes<T, W> / 2>
SOFIE_INLINE void FoldEach(Vec<T, W> *vectors)
{
#pragma GCC unroll 8
   for (int i = 0; i < N; ++i) {
      Vec<T, W> low, high;
      Interleave<T, W>(low, high, vectors[i], vectors[i + N]);
      F{}.template Apply<T, W>(low, high);
      vectors[i] = low;
   }
   if constexpr (N > 1)
      FoldEach<F, T, W, N / 2>(vectors);
}

/// The sum of v's parts that are as long as a vector of A.
template <class T, class A, int W>
SOFIE_INLINE void SumParts(Vec<A, W> &sum, Vec<T, W> const &v)
{
   T lanes[kLanes<T, W>];
   Store<T, W>(lanes, v);
   LoadAs<T, A, W>(sum, lanes);
   for (int i = kLanes<A, W>; i < kLanes<T, W>; i += kLanes<A, W>) {
      Vec<A, W> part;
      LoadAs<T, A, W>(part, lanes + i);
      sum += part;
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

/// What F makes of all lanes of four vectors.
template <class F, class A, int W>
SOFIE_INLINE A FoldAll(Vec<A, W> (&acc)[4])
{
   F{}.template Apply<A, W>(acc[0], acc[1]);
   F{}.template Apply<A, W>(acc[2], acc[3]);
   F{}.template Apply<A, W>(acc[0], acc[2]);
   return FoldLanes<F, A, W>(acc[0]);
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
   return FoldAll<F, A, W>(acc);
}

/// Whether n elements, known when the code was generated, fill a vector and few enough of them to stay in registers.
template <class T, int W>
constexpr bool FitsRegisters(size_t n)
{
   return n >= size_t(kLanes<T, 16>) && n * sizeof(T) <= size_t(8 * W);
}

/// N elements in registers: whole vectors, of which the last overlaps the one before where N is no multiple of their lanes.
template <class T, int W, size_t N>
class Row {
   static constexpr int kL = kLanes<T, W>;
   static constexpr int kCount = int((N + kL - 1) / kL);
   using Lane = typename std::conditional<sizeof(T) == 8, std::int64_t, std::int32_t>::type;

   Vec<T, W> fVectors[kCount];

   static constexpr size_t At(int v) { return v + 1 < kCount ? size_t(v) * kL : N - kL; }

   /// `value` in the lanes of the last vector that the one before it has too.
   template <int... I>
   static SOFIE_INLINE void FillOverlap(Vec<T, W> &v, T value, std::integer_sequence<int, I...>)
   {
      Vec<Lane, W> const isOwn = {(I < kCount * kL - int(N) ? 0 : -1)...};
      v = isOwn ? v : Vec<T, W>{} + value;
   }

public:
   SOFIE_INLINE explicit Row(T const *x)
   {
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v)
         Load<T, W>(fVectors[v], x + At(v));
   }

   SOFIE_INLINE void StoreTo(T *y) const
   {
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v)
         Store<T, W>(y + At(v), fVectors[v]);
   }

   template <class F>
   SOFIE_INLINE void Apply(F const &f)
   {
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v)
         f.template Apply<T, W>(fVectors[v]);
   }

   /// The same with the elements of another row: f(this, other).
   template <class F>
   SOFIE_INLINE void Apply(F const &f, T const *other)
   {
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v) {
         Vec<T, W> right;
         Load<T, W>(right, other + At(v));
         f.template Apply<T, W>(fVectors[v], right);
      }
   }

   /// What F makes of f of all elements; `neutral` changes nothing.
   template <class F, class Pre>
   SOFIE_INLINE T Fold(T neutral, Pre const &f) const
   {
      Vec<T, W> acc[kCount];
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v) {
         acc[v] = fVectors[v];
         f.template Apply<T, W>(acc[v]);
      }
      FillOverlap(acc[kCount - 1], neutral, std::make_integer_sequence<int, kL>{});
#pragma GCC unroll 4
      for (int step = 1; step < kCount; step *= 2)
#pragma GCC unroll 8
         for (int v = 0; v + step < kCount; v += 2 * step)
            F{}.template Apply<T, W>(acc[v], acc[v + step]);
      return FoldLanes<F, T, W>(acc[0]);
   }

   /// The sum of f of all elements. \param zero what f makes 0 of.
   template <class F>
   SOFIE_INLINE T Sum(F const &f, [[maybe_unused]] T zero) const
   {
      return Fold<Add>(T(0), f);
   }
};

} // namespace Kernel
