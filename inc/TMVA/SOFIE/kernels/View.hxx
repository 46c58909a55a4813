/// \file
/// A tensor as an argument of a function that somebody else wrote.
#pragma once

#include <cstddef>
#include <type_traits>

namespace Kernel {

/// Elements in a row: converts to a pointer, and to any class that is made of pointer and length, such as std::span.
template <class T>
class View {
   T *fData;
   std::size_t fSize;

public:
   View(T *data, std::size_t size) : fData(data), fSize(size) {}
   T *data() const { return fData; }
   std::size_t size() const { return fSize; }
   T *begin() const { return fData; }
   T *end() const { return fData + fSize; }
   T &operator[](std::size_t i) const { return fData[i]; }
   operator T *() const { return fData; }
   template <class Span,
             class = std::enable_if_t<std::is_class_v<Span> && std::is_constructible_v<Span, T *, std::size_t>>>
   operator Span() const
   {
      return Span(fData, fSize);
   }
};

} // namespace Kernel
