/// \file
/// Regions of images, each made a small image of the same size.
#pragma once

#include "Vector.hxx"

#include <cmath>
#include <stdexcept>

namespace Kernel {

struct RoiSizes {
   size_t fRegions, fImages, fChannels;
   size_t fRows, fColumns;       ///< Of an image.
   size_t fOutRows, fOutColumns; ///< Of what a region becomes.
   size_t fSamples;              ///< Places that are read for one element, in each dimension; 0: as many as fall on it.
};

/// The means (or the largest) of what is read between the elements of images, for each element of each region.
template <class T, bool IsMax>
struct RoiAlign {
   /// \param shift what is taken from coordinates, half an element or nothing, where regions have at least one element.
   template <int W>
   static SOFIE_INLINE void Run(RoiSizes const &s, T scale, bool isHalf, T const *x, T const *regions,
                                std::int64_t const *images, T *y)
   {
      T const shift = isHalf ? T(0.5) : T(0);
      for (size_t r = 0; r < s.fRegions; ++r, regions += 4) {
         if (images[r] < 0 || size_t(images[r]) >= s.fImages)
            throw std::runtime_error("RoiAlign: batch_indices has an index outside the images");
         T const left = regions[0] * scale - shift, top = regions[1] * scale - shift;
         T width = regions[2] * scale - shift - left, height = regions[3] * scale - shift - top;
         if (!isHalf) {
            width = width > T(1) ? width : T(1);
            height = height > T(1) ? height : T(1);
         }
         T const binRows = height / T(s.fOutRows), binColumns = width / T(s.fOutColumns);
         size_t const rows = Samples(s.fSamples, binRows), columns = Samples(s.fSamples, binColumns);
         T const *const image = x + size_t(images[r]) * s.fChannels * s.fRows * s.fColumns;
         for (size_t c = 0; c < s.fChannels; ++c)
            for (size_t i = 0; i < s.fOutRows; ++i)
               for (size_t j = 0; j < s.fOutColumns; ++j)
                  *y++ = Element(s, image + c * s.fRows * s.fColumns, top + T(i) * binRows, left + T(j) * binColumns,
                                 binRows / T(rows), binColumns / T(columns), rows, columns);
      }
   }

private:
   static SOFIE_INLINE size_t Samples(size_t given, T bin)
   {
      if (given > 0)
         return given;
      T const count = std::ceil(bin);
      if (!(count < T(1 << 20)))
         throw std::runtime_error("RoiAlign: a region is too large");
      return count > T(0) ? size_t(count) : 0;
   }

   static SOFIE_INLINE T Element(RoiSizes const &s, T const *x, T top, T left, T stepRows, T stepColumns, size_t rows,
                                 size_t columns)
   {
      T result = T(0);
      bool isFirst = true;
      for (size_t i = 0; i < rows; ++i)
         for (size_t j = 0; j < columns; ++j) {
            T const value = Read(s, x, top + (T(i) + T(0.5)) * stepRows, left + (T(j) + T(0.5)) * stepColumns);
            if (IsMax)
               result = isFirst || value > result ? value : result;
            else
               result += value;
            isFirst = false;
         }
      size_t const count = rows * columns;
      return IsMax || count == 0 ? result : result / T(count);
   }

   /// The mean of the four neighbours by their shares; or, as ONNX has it, the largest of the shares.
   static SOFIE_INLINE T Read(RoiSizes const &s, T const *x, T row, T column)
   {
      T const rows = T(s.fRows), columns = T(s.fColumns);
      if (!(row >= T(-1) && row <= rows && column >= T(-1) && column <= columns))
         return T(0);
      row = row > T(0) ? row : T(0);
      column = column > T(0) ? column : T(0);
      size_t top = size_t(row), left = size_t(column), bottom = top + 1, right = left + 1;
      if (bottom >= s.fRows) {
         top = bottom = s.fRows - 1;
         row = T(top);
      }
      if (right >= s.fColumns) {
         left = right = s.fColumns - 1;
         column = T(left);
      }
      T const down = row - T(top), along = column - T(left);
      T const parts[4] = {(T(1) - down) * (T(1) - along) * x[top * s.fColumns + left],
                          (T(1) - down) * along * x[top * s.fColumns + right],
                          down * (T(1) - along) * x[bottom * s.fColumns + left],
                          down * along * x[bottom * s.fColumns + right]};
      if (!IsMax)
         return parts[0] + parts[1] + parts[2] + parts[3];
      T largest = parts[0];
      for (int i = 1; i < 4; ++i)
         largest = parts[i] > largest ? parts[i] : largest;
      return largest;
   }
};

} // namespace Kernel
