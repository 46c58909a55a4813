/// \file
/// Vectors of one register, the sizes that kernels take, and the choice of the instruction set.
///
/// The convention of all kernels: a kernel is a struct with a static member template `Run<W>(arguments...)`, where `W` is the
/// width of a register in bytes. `Isa<W>::Call<Kernel>(arguments...)` is the one function that carries a `target`; all that it
/// calls is always_inline, carries no `target`, and depends on W through a template argument, so that no two instruction sets
/// ever share a symbol. Vectors pass by reference: a 64-byte vector by value has no settled calling convention.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#define SOFIE_INLINE inline __attribute__((always_inline))
// What runs once in a Session's life is to be small: compilers, cling above all, take longer for it than it takes to run when it is fast.
#define SOFIE_ONCE inline __attribute__((cold, noinline))

namespace Kernel {

using std::size_t;

/// A size known when the code was generated; a size known at run time is a plain size_t. Kernels take either.
template <size_t N>
using Fixed = std::integral_constant<size_t, N>;

/// The size if it is Fixed, else 0.
template <class Size>
constexpr size_t kKnown = 0;
template <size_t N>
constexpr size_t kKnown<Fixed<N>> = N;

template <class T, int W>
struct VectorOf {
   typedef T Aligned __attribute__((vector_size(W)));
   typedef T Loose __attribute__((vector_size(W), aligned(alignof(T)), may_alias));
};

/// W bytes of T.
template <class T, int W>
using Vec = typename VectorOf<T, W>::Aligned;

/// The number of T in W bytes.
template <class T, int W>
constexpr int kLanes = W / int(sizeof(T));

/// The bytes of the widest vector, of W at most, that n elements fill.
template <class T, int W>
constexpr int FilledWidth(size_t n)
{
   return W <= 16 || n >= size_t(kLanes<T, W>) ? W : FilledWidth<T, W / 2>(n);
}

template <class T, int W>
SOFIE_INLINE void Load(Vec<T, W> &v, T const *p)
{
   v = *reinterpret_cast<typename VectorOf<T, W>::Loose const *>(p);
}

template <class T, int W>
SOFIE_INLINE void Store(T *p, Vec<T, W> const &v)
{
   *reinterpret_cast<typename VectorOf<T, W>::Loose *>(p) = v;
}

/// Copy n < 64 elements: a call of memcpy would cost more than they do.
template <class T>
SOFIE_INLINE void CopyFew(T *to, T const *from, size_t n)
{
   if (__builtin_constant_p(n)) {
      std::memcpy(to, from, n * sizeof(T));
   } else {
      for (size_t i = 0; i < n; ++i)
         to[i] = from[i];
   }
}

/// Load the first n lanes, the others are 0.
template <class T, int W>
SOFIE_INLINE void LoadPart(Vec<T, W> &v, T const *p, size_t n)
{
   v = Vec<T, W>{};
   CopyFew(reinterpret_cast<T *>(&v), p, n);
}

template <class T, int W>
SOFIE_INLINE void StorePart(T *p, Vec<T, W> const &v, size_t n)
{
   CopyFew(p, reinterpret_cast<T const *>(&v), n);
}

template <class T, int W>
SOFIE_INLINE void Splat(Vec<T, W> &v, T x)
{
   v = Vec<T, W>{} + x;
}

/// The same bits as another type of equal size.
template <class To, class From>
SOFIE_INLINE void BitCast(To &to, From const &from)
{
   static_assert(sizeof(To) == sizeof(From), "BitCast keeps the size");
   std::memcpy(&to, &from, sizeof(To));
}

template <class T, int W, int... I>
SOFIE_INLINE void InterleaveLanes(Vec<T, W> &low, Vec<T, W> &high, Vec<T, W> const &a, Vec<T, W> const &b,
                                  std::integer_sequence<int, I...>)
{
   constexpr int kL = kLanes<T, W>;
#if defined(__clang__)
   low = __builtin_shufflevector(a, b, (I / 2 + I % 2 * kL)...);
   high = __builtin_shufflevector(a, b, ((kL + I) / 2 + I % 2 * kL)...);
#else
   using Lane = typename std::conditional<sizeof(T) == 8, std::int64_t, std::int32_t>::type;
   low = __builtin_shuffle(a, b, Vec<Lane, W>{(I / 2 + I % 2 * kL)...});
   high = __builtin_shuffle(a, b, Vec<Lane, W>{((kL + I) / 2 + I % 2 * kL)...});
#endif
}

/// The lanes of a and b in turn, a0 b0 a1 b1 ...: those of their first halves, and of their second ones.
template <class T, int W>
SOFIE_INLINE void Interleave(Vec<T, W> &low, Vec<T, W> &high, Vec<T, W> const &a, Vec<T, W> const &b)
{
   InterleaveLanes<T, W>(low, high, a, b, std::make_integer_sequence<int, kLanes<T, W>>{});
}

template <int N, class T, int W, int... I>
SOFIE_INLINE void RotateLanes(Vec<T, W> &rotated, Vec<T, W> const &v, std::integer_sequence<int, I...>)
{
#if defined(__clang__)
   rotated = __builtin_shufflevector(v, v, (I + N) % kLanes<T, W>...);
#else
   rotated = __builtin_shuffle(v, decltype(v < v){(I + N) % kLanes<T, W>...});
#endif
}

/// The lanes of v from the one of number N on, and behind them those before it.
template <int N, class T, int W>
SOFIE_INLINE void Rotate(Vec<T, W> &rotated, Vec<T, W> const &v)
{
   RotateLanes<N, T, W>(rotated, v, std::make_integer_sequence<int, kLanes<T, W>>{});
}

/// The gate to an instruction set: runs a kernel with everything it inlines compiled for registers of W bytes.
template <int W>
struct Isa {
   template <class Kernel, class... Args>
   __attribute__((noinline)) static void Call(Args... args)
   {
      Kernel::template Run<W>(args...);
   }
};

#if defined(__x86_64__)
template <>
struct Isa<32> {
   template <class Kernel, class... Args>
   __attribute__((noinline, target("avx2,fma"))) static void Call(Args... args)
   {
      Kernel::template Run<32>(args...);
   }
};

// With -march=native compilers tune for this processor, or a relative, and prefer registers of 32 bytes: clang's code takes up to twice as
// long then, an older gcc's a third longer.
#if defined(__clang__)
#define SOFIE_WIDE(isa) min_vector_width(512), target(isa)
#else
#define SOFIE_WIDE(isa) target(isa ",tune=generic")
#endif
template <>
struct Isa<64> {
   template <class Kernel, class... Args>
   __attribute__((noinline, SOFIE_WIDE("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))) static void Call(Args... args)
   {
      Kernel::template Run<64>(args...);
   }
};
#undef SOFIE_WIDE
#endif

} // namespace Kernel
