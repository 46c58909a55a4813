/// \file
/// What a convolution does, turned around: each window adds its values to the elements that it covers.
#pragma once

#include "Conv.hxx"

namespace Kernel {

/// y[i * stride] += x[i] for i < n.
template <class T, int W>
SOFIE_INLINE void AddRun(T *y, size_t stride, T const *x, size_t n)
{
   constexpr size_t kL = kLanes<T, W>;
   size_t i = 0;
   if (stride == 1)
      for (; i + kL <= n; i += kL) {
         Vec<T, W> sum, v;
         Load<T, W>(sum, y + i);
         Load<T, W>(v, x + i);
         sum += v;
         Store<T, W>(y + i, sum);
      }
   for (; i < n; ++i)
      y[i * stride] += x[i];
}

/// Add one value for each of the windows [first, first + count), all at the same tap; the windows slide over y, and what falls into its
/// padding is dropped.
template <class T, int W>
SOFIE_INLINE void FoldTap(Window const &w, size_t tap, size_t first, size_t count, T const *x, T *y)
{
   size_t const tapD = tap / w.fKernel[2] / w.fKernel[1] * w.fDilation[0];
   size_t const tapH = tap / w.fKernel[2] % w.fKernel[1] * w.fDilation[1];
   size_t const tapC = tap % w.fKernel[2] * w.fDilation[2];
   size_t column = first % w.fOut[2];
   size_t row = first / w.fOut[2] % w.fOut[1];
   size_t plane = first / w.fOut[2] / w.fOut[1];
   size_t const stride = w.fStride[2];
   for (size_t done = 0; done < count;) {
      size_t const left = w.fOut[2] - column;
      size_t const run = left < count - done ? left : count - done;
      // What is before y is, as an unsigned number, behind it.
      size_t const d = plane * w.fStride[0] + tapD - w.fPad[0];
      size_t const h = row * w.fStride[1] + tapH - w.fPad[1];
      if (d < w.fIn[0] && h < w.fIn[1]) {
         size_t const begin = column * stride + tapC;
         size_t const end = w.fPad[2] + w.fIn[2];
         size_t const skipped = begin < w.fPad[2] ? (w.fPad[2] - begin + stride - 1) / stride : 0;
         size_t const fitting = begin < end ? (end - begin + stride - 1) / stride : 0;
         size_t const last = fitting < run ? fitting : run;
         if (skipped < last)
            AddRun<T, W>(y + (d * w.fIn[1] + h) * w.fIn[2] + (begin + skipped * stride - w.fPad[2]), stride,
                         x + done + skipped, last - skipped);
      }
      done += run;
      column = 0;
      if (++row == w.fOut[1]) {
         row = 0;
         ++plane;
      }
   }
}

/// y = f(bias + the sum of what each element of x times the weights adds to the window over y that it stands for); the window's input is
/// y, its output is x. Scratch: a panel of channels + 1 lines, and one of a line for each row and tap.
template <class T>
struct ConvTranspose {
   template <int W, class F>
   static SOFIE_INLINE void Run(ConvSizes const &s, Window const &w, T const *x, T const *weights, T const *bias, T *y,
                                T *scratch, F f)
   {
      size_t const places = w.Outputs();
      size_t const outputs = w.Inputs();
      for (size_t image = 0; image < s.fImages; ++image)
         for (size_t group = 0; group < s.fGroups; ++group) {
            std::memset(static_cast<void *>(y), 0, s.fRows * outputs * sizeof(T));
            Group<W>(s, w, x, weights + group * s.fChannels * s.fRows * w.Taps(), y, scratch);
            // The bias last: a sum that begins with it is rounded more.
            for (size_t r = 0; r < s.fRows; ++r, y += outputs)
               Map<T>::template Run<W>(outputs, static_cast<T const *>(y), y,
                                       Then(WithRight<Add, T>{bias ? bias[group * s.fRows + r] : T(0)}, f));
            x += s.fChannels * places;
         }
   }

private:
   /// All elements of one group of x, a panel at a time.
   template <int W>
   static SOFIE_INLINE void Group(ConvSizes const &s, Window const &w, T const *x, T const *weights, T *y, T *panel)
   {
      size_t const places = w.Outputs();
      size_t const outputs = w.Inputs();
      size_t const lines = s.fRows * w.Taps();
      T *const products = panel + (s.fChannels + 1) * kPanel<T, W>;
      Strides const turned = {1, lines};
      T const *const none = nullptr;
      for (size_t first = 0; first < places; first += kPanel<T, W>) {
         size_t const count = places - first < kPanel<T, W> ? places - first : kPanel<T, W>;
         if (count <= kLanes<T, W>) {
            PackPanel<T, W>(panel, 1, s.fChannels, count, x + first, Strides{places, 1}, none, T(1));
            PanelRows<T, W, 1>(lines, s.fChannels, weights, turned, panel, none, products, kPanel<T, W>, count,
                               Identity{});
         } else {
            PackPanel<T, W>(panel, kVectors, s.fChannels, count, x + first, Strides{places, 1}, none, T(1));
            PanelRows<T, W, kVectors>(lines, s.fChannels, weights, turned, panel, none, products, kPanel<T, W>, count,
                                      Identity{});
         }
         for (size_t line = 0; line < lines; ++line)
            FoldTap<T, W>(w, line % w.Taps(), first, count, products + line * kPanel<T, W>,
                          y + line / w.Taps() * outputs);
      }
   }
};

/// Weights for ConvTransposeLast (channels x rows x taps): for each channel of x a line of what it adds, tap by tap.
template <class T, int W, class P = T>
SOFIE_ONCE Buffer<P> PackConvTransposeLast(size_t channels, size_t rows, size_t taps, T const *weights)
{
   size_t const columns = taps * rows;
   Buffer<T> lines(channels * columns);
   for (size_t c = 0; c < channels; ++c)
      for (size_t t = 0; t < taps; ++t)
         for (size_t r = 0; r < rows; ++r)
            lines.Data()[c * columns + t * rows + r] = weights[(c * rows + r) * taps + t];
   return PackDense<T, W, P>(channels, columns, lines.Data(), Strides{columns, 1}, T(1),
                             static_cast<T const *>(nullptr), 0, T(1));
}

/// The same with channels last, in one group: places of x are rows of a product, of which each tap's columns are added to y as they
/// are. \tparam Places of x in one product. Scratch: Taps * Rows for each of them.
template <class T, size_t Channels, size_t Rows, size_t Taps, size_t Places>
struct ConvTransposeLast {
   template <int W, class P, class F>
   static SOFIE_INLINE void Run(size_t images, Window const &w, T const *x, P const *packed, T const *bias, T *y,
                                T *scratch, F f)
   {
      size_t const places = w.Outputs();
      size_t const outputs = w.Inputs();
      for (size_t image = 0; image < images; ++image, x += places * Channels, y += outputs * Rows) {
         std::memset(static_cast<void *>(y), 0, outputs * Rows * sizeof(T));
         Place place(w);
         for (size_t first = 0; first < places; first += Places) {
            size_t const count = places - first < Places ? places - first : Places;
            Dense<T, Channels, Taps * Rows>::template Run<W>(count, x + first * Channels, FixedStrides<Channels, 1>{},
                                                             packed, scratch, Identity{});
            for (size_t i = 0; i < count; ++i)
               place.template Add<W>(scratch + i * Taps * Rows, y);
         }
         // The bias last, as above.
         if constexpr (Rows == 1) {
            Map<T>::template Run<W>(outputs, static_cast<T const *>(y), y,
                                    Then(WithRight<Add, T>{bias ? *bias : T(0)}, f));
         } else {
            for (size_t i = 0; bias && i < outputs; ++i)
               AddRun<T, W>(y + i * Rows, 1, bias, Rows);
            Map<T>::template Run<W>(outputs * Rows, static_cast<T const *>(y), y, f);
         }
      }
   }

private:
   /// Goes through the places of x in their order.
   struct Place {
      Window const &fWindow;
      size_t const fPlane, fLine; ///< From one plane or line of y to the next.
      size_t fAt[3] = {};
      InputTaps fPlanes, fLines;

      SOFIE_INLINE explicit Place(Window const &w)
         : fWindow(w), fPlane(w.fIn[1] * w.fIn[2] * Rows), fLine(w.fIn[2] * Rows), fPlanes(w, 0, 0, fPlane),
           fLines(w, 1, 0, fLine)
      {
      }
      /// Add the values of the window at this place, and go to the next.
      template <int W>
      SOFIE_INLINE void Add(T const *values, T *y)
      {
         InputTaps const columns(fWindow, 2, fAt[2], Rows);
         // Neighbouring taps of a line are one run of memory.
         size_t const run = fWindow.fDilation[2] == 1 ? columns.fCount : 1;
         for (size_t d = 0; d < fPlanes.fCount; ++d)
            for (size_t h = 0; h < fLines.fCount; ++h) {
               T *const line = y + fPlanes.fBegin + d * fPlanes.fStep + fLines.fBegin + h * fLines.fStep;
               size_t const row = (fPlanes.fFirst + d) * fWindow.fKernel[1] + fLines.fFirst + h;
               T const *const taps = values + (row * fWindow.fKernel[2] + columns.fFirst) * Rows;
               for (size_t c = 0; c < columns.fCount; c += run)
                  AddRun<T, W>(line + columns.fBegin + c * columns.fStep, 1, taps + c * Rows, run * Rows);
            }
         if (++fAt[2] < fWindow.fOut[2])
            return;
         fAt[2] = 0;
         if (++fAt[1] == fWindow.fOut[1]) {
            fAt[1] = 0;
            fPlanes = InputTaps(fWindow, 0, ++fAt[0], fPlane);
         }
         fLines = InputTaps(fWindow, 1, fAt[1], fLine);
      }
   };
};

/// y = for each plane the sum of the windows' values, taps x windows.
template <class T>
struct Col2Im {
   template <int W>
   static SOFIE_INLINE void Run(size_t planes, Window const &w, T const *x, T *y)
   {
      for (size_t plane = 0; plane < planes; ++plane, y += w.Inputs()) {
         for (size_t i = 0; i < w.Inputs(); ++i)
            y[i] = T(0);
         for (size_t tap = 0; tap < w.Taps(); ++tap, x += w.Outputs())
            FoldTap<T, W>(w, tap, 0, w.Outputs(), x, y);
      }
   }
};

} // namespace Kernel
