/// \file
/// The functions of one element and of two: functors that a kernel applies to whole vectors, alone (Map, Binary) or fused into
/// the kernel that produces the values.
#pragma once

#include "Math.hxx"
#include "Vector.hxx"

#include <cmath>

namespace Kernel {

struct Identity {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &) const
   {
   }
};

struct Relu {
   template <class T, int W>
   SOFIE_INLINE void Apply([[maybe_unused]] Vec<T, W> &x) const
   {
      if constexpr (std::is_signed<T>::value)
         x = x < 0 ? Vec<T, W>{} : x; // a NaN stays
   }
};

template <class P>
struct LeakyRelu {
   P fAlpha;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      x = x < 0 ? x * T(fAlpha) : x;
   }
};

template <class P>
struct Elu {
   P fAlpha;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> e = x;
      Expm1<T, W>(e);
      x = x < 0 ? e * T(fAlpha) : x;
   }
};

template <class P>
struct Selu {
   P fAlpha;
   P fGamma;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> e = x;
      Expm1<T, W>(e);
      x = (x < 0 ? e * T(fAlpha) : x) * T(fGamma);
   }
};

/// min(max(x, low), high); a NaN stays.
template <class T, int W>
SOFIE_INLINE void Clamp(Vec<T, W> &x, T low, T high)
{
   Vec<T, W> bound;
   Splat<T, W>(bound, low);
   x = x < bound ? bound : x;
   Splat<T, W>(bound, high);
   x = x > bound ? bound : x;
}

/// The same as a function of one element.
template <class P>
class Clip {
   P fLow;
   P fHigh;

   /// A value that compilers do not know: with a constant, GCC makes a comparison and a selection of what is one instruction.
   static SOFIE_INLINE P Unknown(P bound)
   {
      P volatile value = bound;
      return value;
   }

public:
   SOFIE_INLINE Clip(P low, P high) : fLow(Unknown(low)), fHigh(Unknown(high)) {}
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Clamp<T, W>(x, T(fLow), T(fHigh));
   }
};

// Each line: a functor whose expression is of whole vectors x.
#define SOFIE_VECTOR_FUNCTION(Name, statement)                                                                         \
   struct Name {                                                                                                       \
      template <class T, int W>                                                                                        \
      SOFIE_INLINE void Apply(Vec<T, W> &x) const                                                                      \
      {                                                                                                                \
         statement;                                                                                                    \
      }                                                                                                                \
   };
SOFIE_VECTOR_FUNCTION(SigmoidOf, (Sigmoid<T, W>(x)))
SOFIE_VECTOR_FUNCTION(TanhOf, (Tanh<T, W>(x)))
SOFIE_VECTOR_FUNCTION(ExpOf, (Exp<T, W>(x)))
SOFIE_VECTOR_FUNCTION(DecayOf, (Decay<T, W>(x)))
SOFIE_VECTOR_FUNCTION(Expm1Of, (Expm1<T, W>(x)))
SOFIE_VECTOR_FUNCTION(Neg, x = -x)
SOFIE_VECTOR_FUNCTION(Reciprocal, x = T(1) / x)
SOFIE_VECTOR_FUNCTION(Square, x *= x)
#undef SOFIE_VECTOR_FUNCTION

// Each line: a functor whose expression is of one lane x, through <cmath>.
#define SOFIE_LANE_FUNCTION(Name, expression)                                                                          \
   struct Name {                                                                                                       \
      template <class T, int W>                                                                                        \
      SOFIE_INLINE void Apply(Vec<T, W> &v) const                                                                      \
      {                                                                                                                \
         ForEachLane<T, W>(v, [](T x) -> T { return T(expression); });                                                 \
      }                                                                                                                \
   };
SOFIE_LANE_FUNCTION(Sqrt, std::sqrt(x))
SOFIE_LANE_FUNCTION(Log, std::log(x))
#undef SOFIE_LANE_FUNCTION

struct Abs {
   template <class T, int W>
   SOFIE_INLINE void Apply([[maybe_unused]] Vec<T, W> &x) const
   {
      if constexpr (std::is_signed<T>::value)
         x = x > 0 ? x : Vec<T, W>{} - x; // of -0 it is 0
   }
};

/// Replace each lane of x by f(x, y).
template <class T, int W, class F>
SOFIE_INLINE void ForEachPair(Vec<T, W> &x, Vec<T, W> const &y, F const &f)
{
   T left[kLanes<T, W>], right[kLanes<T, W>];
   Store<T, W>(left, x);
   Store<T, W>(right, y);
   for (int i = 0; i < kLanes<T, W>; ++i)
      left[i] = f(left[i], right[i]);
   Load<T, W>(x, left);
}

/// Replace x by y where y is a NaN, as only that is unequal to itself. By bits: g++ 12 would join a second selection with the one
/// before it, and for 64 bytes do what results lane by lane.
template <class T, int W>
SOFIE_INLINE void TakeNaN([[maybe_unused]] Vec<T, W> &x, [[maybe_unused]] Vec<T, W> const &y)
{
   if constexpr (std::is_floating_point<T>::value) {
      using Bits = typename std::conditional<sizeof(T) == 4, std::int32_t, std::int64_t>::type;
      Vec<Bits, W> isNaN, bitsX, bitsY;
      BitCast(isNaN, y != y);
      BitCast(bitsX, x);
      BitCast(bitsY, y);
      bitsX = (bitsX & ~isNaN) | (bitsY & isNaN);
      BitCast(x, bitsX);
   }
}

// Each line: a functor that replaces the vector x by a function of x and y.
#define SOFIE_PAIR_FUNCTION(Name, statement)                                                                           \
   struct Name {                                                                                                       \
      template <class T, int W>                                                                                        \
      SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const                                                  \
      {                                                                                                                \
         statement;                                                                                                    \
      }                                                                                                                \
   };
SOFIE_PAIR_FUNCTION(Add, x += y)
SOFIE_PAIR_FUNCTION(Sub, x -= y)
SOFIE_PAIR_FUNCTION(Mul, x *= y)
// A NaN on either side comes out.
SOFIE_PAIR_FUNCTION(Max, x = x < y ? y : x; (TakeNaN<T, W>(x, y)))
SOFIE_PAIR_FUNCTION(Min, x = y < x ? y : x; (TakeNaN<T, W>(x, y)))
#undef SOFIE_PAIR_FUNCTION

/// x + factor * y.
template <class P>
struct AddScaled {
   P fFactor;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      x += y * T(fFactor);
   }
};

/// x / y. Of integers: towards 0, and what would be undefined in C++ is 0 (a divisor 0) or wraps (the smallest number by -1).
struct Div {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      if constexpr (std::is_floating_point<T>::value)
         x /= y;
      else
         ForEachPair<T, W>(x, y, [](T a, T b) -> T {
            if (b == 0)
               return 0;
            if (std::is_signed<T>::value && b == T(-1))
               return Negated(a);
            return T(a / b);
         });
   }

private:
   /// -a without overflow.
   template <class T>
   static SOFIE_INLINE T Negated(T a)
   {
      return T(std::uint64_t(0) - std::uint64_t(a));
   }
};

/// a to the power b. Of integers: modulo 2^bits; a negative power is 0, but for a base of 1 or -1.
template <class T, class U>
SOFIE_INLINE T PowerOf(T a, U b)
{
   if constexpr (std::is_floating_point<T>::value) {
      return T(std::pow(a, b)); // of double where one of them is an integer
   } else {
      if (std::is_signed<U>::value && b < U(0)) { // of 1 and -1 the power is that of -b, of others it is below 1
         bool const isMinusOne = std::is_signed<T>::value && a == T(-1);
         return a == T(1) ? a : isMinusOne ? (b % U(2) == 0 ? T(1) : a) : T(0);
      }
      std::uint64_t power = 1;
      std::uint64_t square = std::uint64_t(a);
      for (std::uint64_t n = std::uint64_t(b); n > 0; n /= 2, square *= square)
         power *= n % 2 == 1 ? square : 1;
      return T(power);
   }
}

struct Pow {
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x, Vec<T, W> const &y) const
   {
      ForEachPair<T, W>(x, y, [](T a, T b) -> T { return PowerOf(a, b); });
   }
};

/// F of x and a number.
template <class F, class P>
struct WithRight {
   P fRight;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> right;
      Splat<T, W>(right, T(fRight));
      F{}.template Apply<T, W>(x, right);
   }
};

/// F of a number and x.
template <class F, class P>
struct WithLeft {
   P fLeft;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      Vec<T, W> left;
      Splat<T, W>(left, T(fLeft));
      F{}.template Apply<T, W>(left, x);
      x = left;
   }
};

/// One function after another.
template <class F, class G>
struct Chain {
   F fFirst;
   G fSecond;
   template <class T, int W>
   SOFIE_INLINE void Apply(Vec<T, W> &x) const
   {
      fFirst.template Apply<T, W>(x);
      fSecond.template Apply<T, W>(x);
   }
};

template <class F, class G>
constexpr Chain<F, G> Then(F f, G g)
{
   return {f, g};
}

/// Where an element of an addend is that has the shape of the sum.
struct SamePlace {
   constexpr size_t operator()(size_t place) const { return place; }
};

/// The same where each of the addend's rows of fLength elements is added to fTimes rows of the sum.
template <class Length, class Times>
struct RepeatedRows {
   Length fLength;
   Times fTimes;
   constexpr RepeatedRows(Length length, Times times) : fLength(length), fTimes(times) {}
   constexpr size_t operator()(size_t place) const { return place / (fLength * fTimes) * fLength + place % fLength; }
};

/// Adds the tensor at fAddend to one that is written at fY, from the places that fPlaces says, then F.
template <class T, class F, class Places = SamePlace>
struct AddTensor {
   T const *fAddend;
   T const *fY;
   F fThen;
   Places fPlaces;
   constexpr AddTensor(T const *addend, T const *y, F then, Places places = {})
      : fAddend(addend), fY(y), fThen(then), fPlaces(places)
   {
   }
   SOFIE_INLINE T const *At(T const *y) const { return fAddend + fPlaces(size_t(y - fY)); }
};

template <class F>
constexpr bool kAddsTensor = false;
template <class T, class F, class Places>
constexpr bool kAddsTensor<AddTensor<T, F, Places>> = true;

/// The last step of a kernel: f of the lanes that go to y.
template <class T, int W, class F>
SOFIE_INLINE void ApplyAt(Vec<T, W> &v, F const &f, [[maybe_unused]] T const *y, [[maybe_unused]] size_t lanes)
{
   if constexpr (kAddsTensor<F>) {
      Vec<T, W> addend;
      if (lanes >= size_t(kLanes<T, W>))
         Load<T, W>(addend, f.At(y));
      else
         LoadPart<T, W>(addend, f.At(y), lanes);
      v += addend;
      f.fThen.template Apply<T, W>(v);
   } else {
      f.template Apply<T, W>(v);
   }
}

/// y[i] = f(x[i]) for i < n; x and y may be the same.
template <class T>
struct Map {
   template <int W, class Size, class F>
   static SOFIE_INLINE void Run(Size n, T const *x, T *y, F f)
   {
      constexpr size_t kStep = kLanes<T, W>;
      size_t i = 0;
      for (; i + kStep <= n; i += kStep) {
         Vec<T, W> v;
         Load<T, W>(v, x + i);
         f.template Apply<T, W>(v);
         Store<T, W>(y + i, v);
      }
      if (i < n) {
         Vec<T, W> v;
         LoadPart<T, W>(v, x + i, n - i);
         f.template Apply<T, W>(v);
         StorePart<T, W>(y + i, v, n - i);
      }
   }
};

} // namespace Kernel
