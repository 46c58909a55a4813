/// \file
/// Memory that a Session owns.
#pragma once

#include "Vector.hxx"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <sys/mman.h>

namespace Kernel {

/// The largest of the sizes, rounded up to whole cache lines.
inline size_t Aligned(std::initializer_list<size_t> sizes)
{
   return (std::max(sizes) + 63) / 64 * 64;
}

/// So many bytes and a vector's room behind them, aligned for every width, set to 0; movable. A large one asks for large pages: weights are
/// read from the first to the last, and the processor reads ahead no further than a page. A std::unique_ptr would do, but takes cling long
/// to compile, for each type of one.
class Memory {
   static constexpr size_t kLargePage = size_t(1) << 21;

   void *fData = nullptr;
   size_t fBytes = 0;

   std::align_val_t Alignment() const { return std::align_val_t{fBytes < kLargePage ? 64 : kLargePage}; }

public:
   Memory() = default;
   explicit Memory(size_t bytes) : fBytes(bytes)
   {
      size_t const all = bytes + 64;
      fData = ::operator new(all, Alignment());
#if defined(MADV_HUGEPAGE)
      if (bytes >= kLargePage)
         madvise(fData, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
#endif
      std::memset(fData, 0, all);
   }
   Memory(Memory &&other) noexcept { *this = std::move(other); }
   Memory &operator=(Memory &&other) noexcept
   {
      std::swap(fData, other.fData);
      std::swap(fBytes, other.fBytes);
      return *this;
   }
   ~Memory()
   {
      if (fData)
         ::operator delete(fData, Alignment());
   }
   void *Data() const { return fData; }
   size_t Bytes() const { return fBytes; }
};

/// An owned array of T in such memory.
template <class T>
class Buffer {
   Memory fMemory;

public:
   Buffer() = default;
   explicit Buffer(size_t size) : fMemory(size * sizeof(T)) {}
   T *Data() const { return static_cast<T *>(fMemory.Data()); }
   size_t Size() const { return fMemory.Bytes() / sizeof(T); }
};

/// Room for `length` elements in the buffer, which grows by at least half; with `keep`, what it holds stays.
template <class T>
T *Grown(Buffer<char> &buffer, size_t length, bool keep = false)
{
   if (length > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(T))
      throw std::length_error("TMVA-SOFIE: a tensor whose size depends on data would have " + std::to_string(length) +
                              " elements");
   if (!buffer.Data() || buffer.Size() < length * sizeof(T)) {
      Buffer<char> larger(std::max(length * sizeof(T), buffer.Size() + buffer.Size() / 2));
      if (keep && buffer.Data())
         std::memcpy(larger.Data(), buffer.Data(), buffer.Size());
      buffer = std::move(larger);
   }
   return reinterpret_cast<T *>(buffer.Data());
}

/// A size that was computed from data. Negative ones are none.
inline size_t SizeOf(std::int64_t value, char const *what)
{
   if (value < 0)
      throw std::runtime_error(std::string("TMVA-SOFIE: ") + what + " has the size " + std::to_string(value));
   return static_cast<size_t>(value);
}

/// Where a slice of a dimension begins, and how many places it has; bounds may be negative, and lie outside.
inline void SliceRange(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t size, size_t *first,
                       size_t *count)
{
   auto const place = [&](std::int64_t at, std::int64_t least, std::int64_t most) {
      return std::max(least, std::min(at < 0 ? (at < -size ? least : at + size) : at, most));
   };
   bool const isForward = step > 0;
   std::int64_t const begin = place(start, 0, isForward ? size : size - 1);
   std::int64_t const stop = place(end, isForward ? 0 : -1, isForward ? size : size - 1);
   std::int64_t const span = isForward ? stop - begin : begin - stop;
   std::int64_t const by = isForward ? step : -step;
   *first = size == 0 ? 0 : static_cast<size_t>(begin);
   *count = size == 0 || span <= 0 ? 0 : static_cast<size_t>((span - 1) / by + 1);
}

/// How many numbers there are from start to limit in steps of delta.
template <class T>
size_t RangeLength(T start, T limit, T delta)
{
   double const length = std::ceil((double(limit) - double(start)) / double(delta));
   if (!(length < 1e15))
      throw std::runtime_error("TMVA-SOFIE: Range: it has no end");
   return length > 0 ? static_cast<size_t>(length) : 0;
}

/// A size that broadcasts to another one: 1, or the same.
inline size_t BroadcastSize(std::int64_t asked, size_t own)
{
   if (asked != 1 && asked != std::int64_t(own) && own != 1)
      throw std::runtime_error("TMVA-SOFIE: a dimension of size " + std::to_string(own) + " does not broadcast to " +
                               std::to_string(asked));
   return own == 1 ? SizeOf(asked, "a dimension") : own;
}

/// What a Reshape to n dimensions makes of a shape: 0 keeps a dimension (unless zeros are sizes), -1 stands for what is left.
inline void ReshapeSizes(size_t const *shape, size_t rank, std::int64_t const *target, size_t n, bool zerosAreSizes,
                         size_t *sizes)
{
   size_t total = 1;
   for (size_t i = 0; i < rank; ++i)
      total *= shape[i];
   size_t known = 1;
   size_t rest = n;
   for (size_t i = 0; i < n; ++i) {
      bool const keeps = target[i] == 0 && !zerosAreSizes;
      if (target[i] < -1 || (keeps && i >= rank) || (target[i] == -1 && rest < n))
         throw std::runtime_error("TMVA-SOFIE: Reshape: the target's dimension " + std::to_string(i) + " is " +
                                  std::to_string(target[i]));
      if (target[i] == -1) {
         rest = i;
         continue;
      }
      sizes[i] = keeps ? shape[i] : static_cast<size_t>(target[i]);
      known *= sizes[i];
   }
   if (rest < n) {
      sizes[rest] = known == 0 ? 0 : total / known;
      known *= sizes[rest];
   }
   if (known != total)
      throw std::runtime_error("TMVA-SOFIE: Reshape: " + std::to_string(total) + " elements do not fit a target of " +
                               std::to_string(known));
}

} // namespace Kernel
