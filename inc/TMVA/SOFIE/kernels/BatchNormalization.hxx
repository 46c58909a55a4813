/// \file
/// Normalisation by statistics that are known: a factor and a shift for each channel.
#pragma once

#include "Elementwise.hxx"
#include "Memory.hxx"
#include "Window.hxx"

#include <cmath>

namespace Kernel {

/// The factors and behind them the shifts of all channels; both are computed in double.
template <class T>
SOFIE_INLINE void FillScaleShift(T *to, size_t channels, T const *scale, T const *bias, T const *mean,
                                 T const *variance, double epsilon)
{
   for (size_t c = 0; c < channels; ++c) {
      double const factor = double(scale[c]) / std::sqrt(double(variance[c]) + epsilon);
      to[c] = T(factor);
      to[channels + c] = T(double(bias[c]) - double(mean[c]) * factor);
   }
}

/// The same as weights, made once.
template <class T>
SOFIE_ONCE Buffer<T> PackScaleShift(size_t channels, T const *scale, T const *bias, T const *mean, T const *variance,
                                    double epsilon)
{
   Buffer<T> packed(2 * channels);
   FillScaleShift(packed.Data(), channels, scale, bias, mean, variance, epsilon);
   return packed;
}

/// The same for every call, where the statistics are no weights.
template <class T>
struct ScaleShiftOf {
   template <int W>
   static SOFIE_INLINE void Run(size_t channels, T const *scale, T const *bias, T const *mean, T const *variance,
                                double epsilon, T *to)
   {
      FillScaleShift(to, channels, scale, bias, mean, variance, epsilon);
   }
};

/// y = f(x * factor + shift) for images x channels x inner elements.
template <class T>
struct ScaleShift {
   template <int W, class Channels, class Inner, class F>
   static SOFIE_INLINE void Run(size_t images, Channels channels, Inner inner, T const *x, T const *packed, T *y, F f)
   {
      for (size_t image = 0; image < images; ++image) {
         if (inner == 1) {
            EachRun<T, W>(channels, Step<true, F>{x, packed, packed + channels, y, f});
            x += channels;
            y += channels;
         } else {
            for (size_t c = 0; c < channels; ++c, x += inner, y += inner)
               EachRun<T, W>(inner, Step<false, F>{x, packed + c, packed + channels + c, y, f});
         }
      }
   }

private:
   /// Elements of neighbouring channels, or of one.
   template <bool OfChannels, class F>
   struct Step {
      T const *fX;
      T const *fFactor;
      T const *fShift;
      T *fY;
      F const &fF;

      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> v, factor, shift;
         LoadLanes<T, W>(v, fX + i, lanes);
         if constexpr (OfChannels) {
            LoadLanes<T, W>(factor, fFactor + i, lanes);
            LoadLanes<T, W>(shift, fShift + i, lanes);
         } else {
            Splat<T, W>(factor, *fFactor);
            Splat<T, W>(shift, *fShift);
         }
         v = v * factor + shift;
         fF.template Apply<T, W>(v);
         StoreLanes<T, W>(fY + i, v, lanes);
      }
   };
};

} // namespace Kernel
