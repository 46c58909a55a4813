/// \file
/// Elements at places that are numbers in another tensor. An index below 0 counts from the end; one out of range throws.
#pragma once

#include "Loop.hxx"

#include <stdexcept>
#include <string>

namespace Kernel {

/// \throws std::runtime_error: an index that does not exist. \param name the operator.
[[noreturn]] __attribute__((noinline)) inline void ThrowIndex(char const *name, std::int64_t index, size_t size)
{
   throw std::runtime_error(std::string("TMVA-SOFIE: ") + name + ": the index " + std::to_string(index) +
                            " is not in a dimension of size " + std::to_string(size));
}

/// The place that an index means.
template <class I>
SOFIE_INLINE size_t Place(I index, size_t size, char const *name)
{
   size_t const place = index < 0 ? size + size_t(std::int64_t(index)) : size_t(index);
   if (__builtin_expect(place >= size, 0))
      ThrowIndex(name, std::int64_t(index), size);
   return place;
}

/// y = runs of x: for each of the outer places, those of `count` indices among `size` ones.
template <class T, class I>
struct Gather {
   template <int W, class Outer, class Count, class Size, class Part>
   static SOFIE_INLINE void Run(Outer outer, Count count, Size size, Part run, T const *x, I const *indices, T *y,
                                char const *name)
   {
      for (size_t o = 0; o < outer; ++o, x += size * run)
         for (size_t i = 0; i < count; ++i, y += run)
            std::memcpy(y, x + Place(indices[i], size, name) * run, run * sizeof(T));
   }
};

/// y = x with the index along one dimension from `indices`, which has y's shape: at each step of the loops over it, except for the
/// innermost run, where x moves by `step`. Along the dimension, of size `size`, x moves by `stride`.
template <class T, class I>
struct GatherElements {
   template <int W, size_t R, class Size, class Length>
   static SOFIE_INLINE void Run(Loop<R, 1> const &loop, Size run, size_t step, Length size, size_t stride, T const *x,
                                I const *indices, T *y, char const *name)
   {
      for (LoopState<R, 1> at(loop); !at.Done(); at.Next(loop), y += run, indices += run)
         for (size_t i = 0; i < run; ++i)
            y[i] = x[at.fOffset[0] + i * step + Place(indices[i], size, name) * stride];
   }
};

/// The offset that a tuple of D indices means. \param sizes, strides of the dimensions.
template <size_t D, class I>
SOFIE_INLINE size_t PlaceOfTuple([[maybe_unused]] I const *indices, [[maybe_unused]] Loop<D, 1> const &dimensions,
                                 [[maybe_unused]] char const *name)
{
   size_t place = 0;
   for (size_t d = 0; d < D; ++d)
      place += Place(indices[d], dimensions.fSize[d], name) * dimensions.fStride[0][d];
   return place;
}

/// y = runs of x: in each batch, whose length in x is `size`, those at `count` tuples of D indices.
template <class T, class I>
struct GatherND {
   template <int W, size_t D, class Batches, class Count, class Size, class Part>
   static SOFIE_INLINE void Run(Loop<D, 1> const &dimensions, Batches batches, Count count, Size size, Part run,
                                T const *x, I const *indices, T *y, char const *name)
   {
      for (size_t b = 0; b < batches; ++b, x += size)
         for (size_t i = 0; i < count; ++i, indices += D, y += run)
            std::memcpy(y, x + PlaceOfTuple(indices, dimensions, name), run * sizeof(T));
   }
};

/// What a scattered value does to the one that is there.
struct Replace {
   template <class T>
   SOFIE_INLINE void operator()(T &y, T u) const
   {
      y = u;
   }
};
// Integers modulo 2^bits: computed without a sign, where that is defined.
struct AddTo {
   template <class T>
   SOFIE_INLINE void operator()(T &y, T u) const
   {
      if constexpr (std::is_integral<T>::value)
         y = T(std::uint64_t(y) + std::uint64_t(u));
      else
         y += u;
   }
};
struct MultiplyBy {
   template <class T>
   SOFIE_INLINE void operator()(T &y, T u) const
   {
      if constexpr (std::is_integral<T>::value)
         y = T(std::uint64_t(y) * std::uint64_t(u));
      else
         y *= u;
   }
};
// A NaN on either side comes out.
struct RaiseTo {
   template <class T>
   SOFIE_INLINE void operator()(T &y, T u) const
   {
      y = y < u || u != u ? u : y;
   }
};
struct LowerTo {
   template <class T>
   SOFIE_INLINE void operator()(T &y, T u) const
   {
      y = u < y || u != u ? u : y;
   }
};

/// y = x, changed by F at the places that GatherElements reads.
template <class T, class I, class F>
struct ScatterElements {
   template <int W, size_t R, class Length, class Size, class Width>
   static SOFIE_INLINE void Run(Length length, Loop<R, 1> const &loop, Size run, size_t step, Width size, size_t stride,
                                T const *x, I const *indices, T const *updates, T *y, char const *name)
   {
      std::memcpy(y, x, length * sizeof(T));
      for (LoopState<R, 1> at(loop); !at.Done(); at.Next(loop), updates += run, indices += run)
         for (size_t i = 0; i < run; ++i)
            F{}(y[at.fOffset[0] + i * step + Place(indices[i], size, name) * stride], updates[i]);
   }
};

/// y = x, changed by F in the runs at `count` tuples of D indices.
template <class T, class I, class F>
struct ScatterND {
   template <int W, size_t D, class Length, class Count, class Part>
   static SOFIE_INLINE void Run(Loop<D, 1> const &dimensions, Length length, Count count, Part run, T const *x,
                                I const *indices, T const *updates, T *y, char const *name)
   {
      std::memcpy(y, x, length * sizeof(T));
      for (size_t i = 0; i < count; ++i, indices += D, updates += run) {
         T *const to = y + PlaceOfTuple(indices, dimensions, name);
         for (size_t j = 0; j < run; ++j)
            F{}(to[j], updates[j]);
      }
   }
};

/// y = x, with `count` runs of the updates from a place on, which each batch has; Circular: what would be beyond the end is at the
/// beginning. \param starts the places, or nullptr for 0.
template <class T, bool Circular>
struct TensorScatter {
   template <int W, class Batches, class Outer, class Size, class Count, class Part>
   static SOFIE_INLINE void Run(Batches batches, Outer outer, Size size, Count count, Part run, T const *x,
                                T const *updates, std::int64_t const *starts, T *y, char const *name)
   {
      std::memcpy(y, x, batches * outer * size * run * sizeof(T));
      for (size_t b = 0; b < batches; ++b) {
         size_t const start = starts && count > 0 ? Start(starts[b], size, count, name) : 0;
         for (size_t o = 0; o < outer; ++o, y += size * run)
            for (size_t i = 0; i < count; ++i, updates += run) {
               size_t const place = start + i < size ? start + i : start + i - size;
               std::memcpy(y + place * run, updates, run * sizeof(T));
            }
      }
   }

private:
   static SOFIE_INLINE size_t Start(std::int64_t start, size_t size, size_t count, char const *name)
   {
      if (start < 0 || (!Circular && size_t(start) + count > size))
         ThrowIndex(name, start, size);
      return Circular ? size_t(start) % size : size_t(start);
   }
};

/// y = off, but `on` where the index along the new dimension, of size `depth`, is that in `indices`; nowhere if there is no such one.
template <class T, class I>
struct OneHot {
   template <int W, class Outer, class Depth, class Inner>
   static SOFIE_INLINE void Run(Outer outer, Depth depth, Inner inner, I const *indices, T const *values, T *y)
   {
      T const off = values[0], on = values[1];
      for (size_t i = 0; i < outer * depth * inner; ++i)
         y[i] = off;
      for (size_t o = 0; o < outer; ++o, indices += inner, y += depth * inner)
         for (size_t i = 0; i < inner; ++i) {
            size_t const place = PlaceOrNone(indices[i], depth);
            if (place < depth)
               y[place * inner + i] = on;
         }
   }

private:
   /// The place, or something beyond all places.
   static SOFIE_INLINE size_t PlaceOrNone(I index, size_t depth)
   {
      if constexpr (std::is_floating_point<I>::value) {
         // What no integer can hold has no place; the comparison is false for a NaN too.
         if (!(index > I(-9e18) && index < I(9e18)))
            return depth;
      }
      if constexpr (std::is_signed<I>::value)
         return index < 0 ? depth + size_t(std::int64_t(index)) : size_t(index);
      else
         return size_t(index);
   }
};

/// y = x, where along the time dimension the first `lengths[b]` runs are reversed. Time and batch are the outermost dimensions.
template <class T, bool TimeFirst>
struct ReverseSequence {
   template <int W, class Times, class Batches, class Part>
   static SOFIE_INLINE void Run(Times times, Batches batches, Part run, T const *x, std::int64_t const *lengths, T *y,
                                char const *name)
   {
      size_t const timeStride = (TimeFirst ? size_t(batches) : 1) * run;
      size_t const batchStride = (TimeFirst ? 1 : size_t(times)) * run;
      for (size_t b = 0; b < batches; ++b) {
         if (lengths[b] < 0 || size_t(lengths[b]) > times)
            ThrowIndex(name, lengths[b], times);
         size_t const length = size_t(lengths[b]);
         for (size_t t = 0; t < times; ++t)
            std::memcpy(y + b * batchStride + t * timeStride,
                        x + b * batchStride + (t < length ? length - 1 - t : t) * timeStride, run * sizeof(T));
      }
   }
};

} // namespace Kernel
