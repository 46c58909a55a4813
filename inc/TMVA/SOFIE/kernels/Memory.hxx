/// \file
/// Memory that a Session owns.
#pragma once

#include "Vector.hxx"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <new>

namespace Kernel {

/// The largest of the sizes, rounded up to whole cache lines.
inline size_t Aligned(std::initializer_list<size_t> sizes)
{
   return (std::max(sizes) + 63) / 64 * 64;
}

/// An owned array of T, aligned for every vector width, set to 0; movable.
template <class T>
class Buffer {
   struct Release {
      void operator()(T *p) const { ::operator delete(p, std::align_val_t{64}); }
   };
   std::unique_ptr<T, Release> fData;
   size_t fSize = 0;

public:
   Buffer() = default;
   explicit Buffer(size_t size)
      : fData(static_cast<T *>(::operator new(size * sizeof(T) + 64, std::align_val_t{64}))), fSize(size)
   {
      std::memset(static_cast<void *>(fData.get()), 0, size * sizeof(T) + 64);
   }
   T *Data() const { return fData.get(); }
   size_t Size() const { return fSize; }
};

} // namespace Kernel
