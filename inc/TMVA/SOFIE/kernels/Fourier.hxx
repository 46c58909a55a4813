/// \file
/// Discrete Fourier transforms of lines of any length, computed in double: a length is divided by its smallest factor again and again,
/// so that n elements take n times the sum of the factors of n steps.
#pragma once

#include "Vector.hxx"

#include <cmath>

namespace Kernel {

struct Complex {
   double fRe, fIm;
};

/// z += a * b.
inline void AddProduct(Complex &z, Complex const &a, Complex const &b)
{
   z.fRe += a.fRe * b.fRe - a.fIm * b.fIm;
   z.fIm += a.fRe * b.fIm + a.fIm * b.fRe;
}

/// The n powers of the n-th root of unity, in the direction of the transform.
inline void FillRoots(size_t n, bool isInverse, Complex *roots)
{
   double const turn = (isInverse ? 2 : -2) * 3.14159265358979323846;
   for (size_t k = 0; k < n; ++k)
      roots[k] = {std::cos(turn * double(k) / double(n)), std::sin(turn * double(k) / double(n))};
}

/// y = the transform of n elements of x, `stride` apart. \param roots of `all`, a multiple of n. \param spare room for n elements.
inline void Fourier(size_t n, Complex const *x, size_t stride, Complex *y, Complex const *roots, size_t all,
                    Complex *spare)
{
   if (n == 1) {
      y[0] = x[0];
      return;
   }
   size_t p = 2;
   while (n % p != 0)
      p = p * p < n ? p + 1 + (p > 2) : n;
   size_t const m = n / p;
   for (size_t r = 0; r < p; ++r)
      Fourier(m, x + r * stride, stride * p, y + r * m, roots, all, spare);
   for (size_t k = 0; k < m; ++k) {
      for (size_t r = 0; r < p; ++r) {
         spare[r] = {0, 0};
         AddProduct(spare[r], y[r * m + k], roots[r * k * (all / n)]);
      }
      for (size_t q = 0; q < p; ++q) {
         Complex sum = {0, 0};
         for (size_t r = 0; r < p; ++r)
            AddProduct(sum, spare[r], roots[r * q % p * (all / p)]);
         y[q * m + k] = sum;
      }
   }
}

/// Lines of signals and of their transforms.
struct FourierSizes {
   size_t fOuter, fInner; ///< Lines before and behind each other.
   size_t fIn;            ///< The elements of a line that there are,
   size_t fLength;        ///< and that are transformed: behind the others stand zeros.
   size_t fOut;           ///< The elements that are wanted.
   bool fIsComplex;       ///< Whether an element of the input has an imaginary part.
   bool fIsInverse;
   bool fIsReal; ///< Only the real part is wanted; the input is half a line, the other half its mirror image.
};

/// The transforms of lines. Scratch: 8 times the length.
template <class T>
struct DiscreteFourier {
   template <int W>
   static SOFIE_INLINE void Run(FourierSizes const &s, T const *x, T *y, double *scratch)
   {
      Lines const lines(s.fLength, s.fIsInverse, scratch);
      size_t const parts = s.fIsComplex ? 2 : 1, partsOut = s.fIsReal ? 1 : 2;
      size_t const half = s.fLength / 2 + 1;
      size_t const given = s.fIsReal && half < s.fLength ? half : s.fLength;
      size_t const count = s.fIn < given ? s.fIn : given;
      double const scale = s.fIsInverse ? 1 / double(s.fLength) : 1;
      for (size_t outer = 0; outer < s.fOuter;
           ++outer, x += s.fIn * s.fInner * parts, y += s.fOut * s.fInner * partsOut)
         for (size_t inner = 0; inner < s.fInner; ++inner) {
            for (size_t i = 0; i < s.fLength; ++i) {
               T const *const from = x + (i * s.fInner + inner) * parts;
               lines.fIn[i] = i < count ? Complex{double(from[0]), s.fIsComplex ? double(from[1]) : 0} : Complex{0, 0};
            }
            if (s.fIsReal) {
               lines.fIn[0].fIm = 0;
               for (size_t i = 1; 2 * i < s.fLength; ++i)
                  lines.fIn[s.fLength - i] = {lines.fIn[i].fRe, -lines.fIn[i].fIm};
               if (s.fLength % 2 == 0)
                  lines.fIn[s.fLength / 2].fIm = 0;
            }
            lines.Transform(s.fLength);
            for (size_t k = 0; k < s.fOut; ++k) {
               T *const to = y + (k * s.fInner + inner) * partsOut;
               to[0] = T(lines.fOut[k].fRe * scale);
               if (!s.fIsReal)
                  to[1] = T(lines.fOut[k].fIm * scale);
            }
         }
   }

   /// A line before and behind its transform, in scratch memory.
   struct Lines {
      Complex *fIn, *fOut, *fRoots, *fSpare;
      SOFIE_INLINE Lines(size_t length, bool isInverse, double *scratch)
         : fIn(reinterpret_cast<Complex *>(scratch)), fOut(fIn + length), fRoots(fOut + length), fSpare(fRoots + length)
      {
         FillRoots(length, isInverse, fRoots);
      }
      SOFIE_INLINE void Transform(size_t length) const { Fourier(length, fIn, 1, fOut, fRoots, length, fSpare); }
   };
};

/// The transforms of frames of signals, each times a window (or nullptr). Scratch: 8 times the frame's length.
template <class T>
struct FramesFourier {
   /// \param length that of a frame. \param out the elements of a transform that are wanted.
   template <int W>
   static SOFIE_INLINE void Run(size_t signals, size_t samples, bool isComplex, size_t frames, size_t step,
                                size_t length, size_t out, T const *x, T const *window, T *y, double *scratch)
   {
      typename DiscreteFourier<T>::Lines const lines(length, false, scratch);
      size_t const parts = isComplex ? 2 : 1;
      for (size_t signal = 0; signal < signals; ++signal, x += samples * parts)
         for (size_t frame = 0; frame < frames; ++frame) {
            for (size_t i = 0; i < length; ++i) {
               T const *const from = x + (frame * step + i) * parts;
               double const factor = window ? double(window[i]) : 1;
               lines.fIn[i] = {factor * double(from[0]), isComplex ? factor * double(from[1]) : 0};
            }
            lines.Transform(length);
            for (size_t k = 0; k < out; ++k) {
               *y++ = T(lines.fOut[k].fRe);
               *y++ = T(lines.fOut[k].fIm);
            }
         }
   }
};

} // namespace Kernel
