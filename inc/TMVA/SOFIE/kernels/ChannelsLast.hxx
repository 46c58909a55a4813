/// \file
/// Convolutions and pools of images whose channels lie side by side (images x planes x rows x columns x channels): vectors are of
/// channels, a window's columns are one run of memory, and the input is read where it is, or from a copy with its padding.
#pragma once

#include "Gemm.hxx"
#include "Pool.hxx"
#include "Window.hxx"

namespace Kernel {

/// Where windows and their taps are in images with channels last.
struct LastLayout {
   size_t fChannels;
   size_t fRow;   ///< Elements of a row.
   size_t fPlane; ///< Elements of a plane of rows.

   /// The input as it is.
   static SOFIE_INLINE LastLayout Direct(Window const &w, size_t channels)
   {
      return {channels, w.fIn[2] * channels, w.fIn[1] * w.fIn[2] * channels};
   }
   /// A copy with its padding, as far as windows reach.
   static SOFIE_INLINE LastLayout Staged(Window const &w, size_t channels)
   {
      return {channels, w.Span(2) * channels, w.Span(1) * w.Span(2) * channels};
   }
   SOFIE_INLINE size_t Tap(Window const &w, size_t d, size_t h, size_t c) const
   {
      return d * w.fDilation[0] * fPlane + h * w.fDilation[1] * fRow + c * w.fDilation[2] * fChannels;
   }
   /// The first window of a row of windows.
   SOFIE_INLINE size_t Windows(Window const &w, size_t d, size_t h) const
   {
      return d * w.fStride[0] * fPlane + h * w.fStride[1] * fRow;
   }
};

/// The images as windows read them: as they are where no window reaches into padding, else one after the other copied with it.
template <class T>
class LastStage {
   Window const &fWindow;
   T *fCopy;
   size_t fLength; ///< Of an image's rows, as far as windows reach.

   /// `f(where the copy holds a row, where the image does)` for each one that is copied.
   template <class F>
   SOFIE_INLINE void EachRow(F const &f) const
   {
      size_t const *const pad = fWindow.fPad;
      if (fLength > 0)
         for (size_t d = 0; d < fWindow.Reached(0); ++d)
            for (size_t h = 0; h < fWindow.Reached(1); ++h)
               f(fCopy + (pad[0] + d) * fLayout.fPlane + (pad[1] + h) * fLayout.fRow + pad[2] * fLayout.fChannels,
                 (d * fWindow.fIn[1] + h) * fWindow.fIn[2] * fLayout.fChannels);
   }

public:
   LastLayout const fLayout;

   SOFIE_INLINE LastStage(Window const &w, size_t channels, T *scratch)
      : fWindow(w), fCopy(w.HasNoPadding() ? nullptr : scratch), fLength(w.Reached(2) * channels),
        fLayout(fCopy ? LastLayout::Staged(w, channels) : LastLayout::Direct(w, channels))
   {
      if (!fCopy)
         return;
      T *padding = fCopy; // and from there to the next row
      EachRow([&](T *row, size_t) {
         std::memset(static_cast<void *>(padding), 0, (row - padding) * sizeof(T));
         padding = row + fLength;
      });
      std::memset(static_cast<void *>(padding), 0, (fCopy + w.Span(0) * fLayout.fPlane - padding) * sizeof(T));
   }
   /// The image x, until the next call.
   SOFIE_INLINE T const *Image(T const *x) const
   {
      if (!fCopy)
         return x;
      EachRow([&](T *row, size_t from) { std::memcpy(static_cast<void *>(row), x + from, fLength * sizeof(T)); });
      return fCopy;
   }
};

/// A tile's rows of A anywhere.
template <class T, int MR>
struct AnyRows {
   T const *fRow[MR];
   SOFIE_INLINE T At(int r, size_t k) const { return fRow[r][k]; }
   SOFIE_INLINE void Advance(size_t k)
   {
#pragma GCC unroll 8
      for (int r = 0; r < MR; ++r)
         fRow[r] += k;
   }
};

/// The vectors of columns in a panel of ConvLast, of whose lines so many are read by several tiles of windows, or 0: the second-level cache
/// is to hold those beside the next panel's.
template <int W>
constexpr int PanelVectors(size_t reread)
{
   return reread * kVectors * W > (size_t(1) << 18) ? kVectors / 2 : kVectors;
}

/// Weights for ConvLast (columns, of the output, x channels x taps) as panels, their lines tap by tap, behind the bias or 0.
/// \param reread as for PanelVectors.
template <class T, int W, class P = T>
SOFIE_ONCE Buffer<P> PackConvLast(size_t columns, size_t reread, size_t channels, size_t taps, T const *weights,
                                  T const *bias)
{
   size_t const depth = channels * taps;
   return PackPanels<T, W, P>(PanelVectors<W>(reread), depth, columns, weights, Strides{1, depth}, bias, T(1), taps);
}

/// y = f(bias + weights * windows of x), with weights that PackConvLast has packed for this width; one group.
/// \tparam Columns the channels of the output. \tparam Taps the most elements of a window, and where channels are known those of each.
/// \tparam Reread as for PackConvLast. Scratch: unless there is no padding, one staged image.
template <class T, size_t Columns, size_t Taps, size_t Reread>
struct ConvLast {
   /// \param length the elements of a run of memory in a window: all channels of a column, or of neighbouring ones.
   template <int W, class Channels, class Length, class AnyWindow, class P, class F>
   static SOFIE_INLINE void Run(size_t images, Channels channels, Length length, AnyWindow window, T const *x,
                                P const *packed, T *y, T *scratch, F f)
   {
      Window const &w = window;
      LastStage<T> const stage(w, channels, scratch);
      LastLayout const &layout = stage.fLayout;
      Runs<Taps * kKnown<Channels>, Length> const runs(w, layout, length);
      constexpr size_t kOut = kOutputs<AnyWindow>;
      constexpr int NV = PanelVectors<W>(Reread);
      constexpr size_t kWide = kPanel<T, W, NV>;
      constexpr size_t kFull = Columns / kWide;
      constexpr int kTail = TailVectors<T, W>(Columns, NV);
      for (size_t image = 0; image < images; ++image, x += w.Inputs() * channels, y += w.Outputs() * Columns) {
         T const *const source = stage.Image(x);
         P const *panel = packed;
         for (size_t p = 0; p < kFull; ++p) {
            P const *const next = panel + PanelSize<T, W, P>(NV, channels * w.Taps());
            bool const isLast = p + 1 == kFull && kTail == 0;
            Panel<W, NV, kOut>(w, layout, runs, source, panel, isLast ? nullptr : next, y + p * kWide, kWide, f);
            panel = next;
         }
         if constexpr (kTail > 0)
            Panel<W, kTail, kOut>(w, layout, runs, source, panel, static_cast<P const *>(nullptr), y + kFull * kWide,
                                  Columns - kFull * kWide, f);
      }
   }

private:
   /// The runs of memory that make a window.
   template <size_t Depth, class Length>
   struct Runs {
      static constexpr size_t kDepth = Depth; ///< Of a window, or 0 where that is unknown.
      Length fLength;
      size_t fCount = 0;
      size_t fOffset[Taps];

      SOFIE_INLINE Runs(Window const &w, LastLayout const &layout, Length length) : fLength(length)
      {
         bool const merged = length > layout.fChannels;
         for (size_t d = 0; d < w.fKernel[0]; ++d)
            for (size_t h = 0; h < w.fKernel[1]; ++h)
               for (size_t c = 0; c < (merged ? 1 : w.fKernel[2]); ++c)
                  fOffset[fCount++] = layout.Tap(w, d, h, c);
      }
   };

   /// A tile's rows of A that are windows, from their first run to their last.
   template <int MR, class R>
   struct WindowRows {
      AnyRows<T, MR> const &fRows;
      R const &fRuns;
      SOFIE_INLINE T At(int r, size_t k) const
      {
         return fRows.At(r, fRuns.fOffset[k / fRuns.fLength] + k % fRuns.fLength);
      }
      SOFIE_INLINE void Advance(size_t) {}
   };

   /// Goes from window to window.
   struct Place {
      Window const &fWindow;
      LastLayout const &fLayout;
      T const *fRow;
      T const *fAt;
      size_t fPlane = 0, fLine = 0, fColumn = 0;
      T const *fX;

      SOFIE_INLINE Place(Window const &w, LastLayout const &layout, T const *x)
         : fWindow(w), fLayout(layout), fRow(x), fAt(x), fX(x)
      {
      }
      SOFIE_INLINE T const *Next()
      {
         T const *const at = fAt;
         fAt += fWindow.fStride[2] * fLayout.fChannels;
         if (++fColumn == fWindow.fOut[2]) {
            fColumn = 0;
            if (++fLine == fWindow.fOut[1]) {
               fLine = 0;
               ++fPlane;
            }
            fAt = fX + fLayout.Windows(fWindow, fPlane, fLine);
         }
         return at;
      }
   };

   /// All windows against one panel of V vectors. \tparam Known how many they are, or 0. \param next the panel behind it, or nullptr.
   template <int W, int V, size_t Known, class R, class P, class F>
   static SOFIE_INLINE void Panel(Window const &w, LastLayout const &layout, R const &runs, T const *x, P const *panel,
                                  P const *next, T *y, size_t columns, F const &f)
   {
      Place place(w, layout, x);
      if constexpr (Known == 0) {
         Halving<W, V, kRows<W, V>>(place, runs, panel, y, w.Outputs(), columns, f);
      } else {
         using Deal = EvenTiles<Known, kRows<W, V>>;
         Ahead<W, V, Deal::kTiles, R::kDepth, P> const ahead{panel, next};
         Tiles<W, V, Deal::kHigh>(place, runs, panel, y, Deal::kHighs, columns, f, ahead, Deal::kLows);
         if constexpr (Deal::kLows > 0)
            Tiles<W, V, Deal::kHigh - 1>(place, runs, panel, y + Deal::kHighs * Deal::kHigh * Columns, Deal::kLows,
                                         columns, f, ahead);
      }
   }

   /// What each of so many tiles fetches of large panels, so that memory is read all the time: the last ones a share each of
   /// the next panel, and a single one, which reads each line once, its own panel's lines to come. Nothing of a depth that is not known (0).
   template <int W, int V, size_t Number, size_t Depth, class P>
   struct Ahead {
      static constexpr size_t kBytes = PanelSize<T, W, P>(V, Depth) * sizeof(P);
      static constexpr size_t kLarge = size_t(1) << 17;
      static constexpr size_t kDistance = size_t(1) << 12;
      static constexpr size_t kShares = Number < 4 ? Number : 4;
      P const *fPanel;
      P const *fNext;

      static SOFIE_INLINE std::uintptr_t Address(P const *p) { return reinterpret_cast<std::uintptr_t>(p); }

      /// \param left how many tiles are left, this one included.
      SOFIE_INLINE auto At(size_t left) const
      {
         constexpr size_t kRead = kFetchSteps * LineSize<T, W, P>(V) * sizeof(P);
         if constexpr (Depth == 0 || kBytes < kLarge) {
            return NoFetch{};
         } else if constexpr (Number == 1) {
            return Fetch<(kRead + 63) / 64>{Address(fPanel) + kDistance};
         } else {
            using Share = Fetch<(kRead / kShares + 63) / 64>;
            // Where there is nothing to fetch, the panel itself is as good: a test at each step would cost more.
            bool const fetches = fNext && left <= kShares;
            return Share{fetches ? Address(fNext) + (kShares - left) * (kBytes / kShares) : Address(fPanel)};
         }
      }
   };

   /// Tiles of MR windows while there are so many, then of half as many.
   template <int W, int V, int MR, class R, class P, class F>
   static SOFIE_INLINE void Halving(Place &place, R const &runs, P const *panel, T *y, size_t left, size_t columns,
                                    F const &f)
   {
      Tiles<W, V, MR>(place, runs, panel, y, left / MR, columns, f, Ahead<W, V, 1, 0, P>{});
      if constexpr (MR > 1)
         Halving<W, V, MR / 2>(place, runs, panel, y + left / MR * MR * Columns, left % MR, columns, f);
   }

   /// So many tiles of MR windows, and behind them others.
   template <int W, int V, int MR, class R, class P, class F, class A>
   static SOFIE_INLINE void Tiles(Place &place, R const &runs, P const *panel, T *y, size_t tiles, size_t columns,
                                  F const &f, A const &ahead, size_t others = 0)
   {
      constexpr int kBlock = MR == 1 ? 16 : kTileBlock;
      for (; tiles > 0; --tiles, y += MR * Columns) {
         AnyRows<T, MR> windows;
#pragma GCC unroll 8
         for (int r = 0; r < MR; ++r)
            windows.fRow[r] = place.Next();
         TileSums<T, W, MR, V> sums;
         P const *line = panel + V * kLanes<T, W>;
         if constexpr (R::kDepth > 0 && R::kDepth <= 16) {
            sums.template Add<16>(Fixed<R::kDepth>{}, WindowRows<MR, R>{windows, runs}, line);
         } else {
            auto fetch = ahead.At(tiles + others);
            for (size_t i = 0; i < runs.fCount; ++i) { // each a sum of its own: that is rounded less
               AnyRows<T, MR> run = windows;
               run.Advance(runs.fOffset[i]);
               TileSums<T, W, MR, V> part;
               line = part.template Add<kBlock>(runs.fLength, run, line, fetch);
               sums.Add(part);
            }
         }
         sums.AddStart(nullptr, panel);
         sums.Finish(y, Columns, columns, f);
      }
   }
};

/// Weights for DepthwiseLast: the bias or 0 of all channels, then tap by tap.
template <class T>
SOFIE_ONCE Buffer<T> PackDepthwiseLast(size_t channels, size_t taps, T const *weights, T const *bias)
{
   Buffer<T> packed((taps + 1) * channels);
   for (size_t c = 0; c < channels; ++c) {
      packed.Data()[c] = bias ? bias[c] : T(0);
      for (size_t t = 0; t < taps; ++t)
         packed.Data()[(t + 1) * channels + c] = weights[c * taps + t];
   }
   return packed;
}

/// The same where each channel has weights of its own, and none is added to another. The input is read where it is, and taps in the
/// padding read zeros. Scratch: unless there is no padding, Span(2) * channels elements for these.
template <class T, size_t Taps>
struct DepthwiseLast {
   template <int W, class F>
   static SOFIE_INLINE void Run(size_t images, size_t channels, Window const &w, T const *x, T const *packed, T *y,
                                T *zeros, F f)
   {
      if (!w.HasNoPadding())
         std::memset(static_cast<void *>(zeros), 0, w.Span(2) * channels * sizeof(T));
      // So many channels at a time that a window's rows, a row of results and the weights stay in the first-level cache.
      constexpr size_t kVector = kLanes<T, W>;
      size_t const line = w.fKernel[0] * w.fKernel[1] * w.fIn[2] + w.fOut[2] + Taps + 1;
      size_t const parts = channels / (49152 / (line * sizeof(T)) + kVector) + 1;
      size_t const even = (channels + parts * kVector - 1) / (parts * kVector) * kVector;
      size_t const part = even < channels ? even : channels;
      for (size_t image = 0; image < images; ++image, x += w.Inputs() * channels, y += w.Outputs() * channels)
         for (size_t done = 0; done < channels; done += part) {
            size_t const c = done < channels - part ? done : channels - part;
            Rows<W>(w, part, channels, x + c, zeros, packed + c, y + c, f);
         }
   }

private:
   /// The windows beside each other that are computed together, or twice as many as of those that reach into the padding.
   static constexpr int kMost = 8;

   /// Where the taps of windows are.
   struct Places {
      Window const &fWindow;
      size_t fChannels;
      T const *fZeros;
      T const *fRow[Taps];            ///< The rows that they are in,
      size_t fColumn[Taps];           ///< their columns in the first window, and
      T const *fTap[kMost / 2][Taps]; ///< they themselves, of the windows
      size_t fFirst;                  ///< from this one on.

      SOFIE_INLINE Places(Window const &w, size_t channels, T const *x, T const *zeros, size_t d, size_t h)
         : fWindow(w), fChannels(channels), fZeros(zeros)
      {
         size_t t = 0;
         for (size_t i = 0; i < w.fKernel[0]; ++i)
            for (size_t j = 0; j < w.fKernel[1]; ++j) {
               size_t const plane = d * w.fStride[0] + i * w.fDilation[0] - w.fPad[0];
               size_t const row = h * w.fStride[1] + j * w.fDilation[1] - w.fPad[1];
               bool const isInside = plane < w.fIn[0] && row < w.fIn[1];
               for (size_t k = 0; k < w.fKernel[2]; ++k, ++t) {
                  fRow[t] = isInside ? x + (plane * w.fIn[1] + row) * w.fIn[2] * channels : zeros;
                  fColumn[t] = k * w.fDilation[2] - w.fPad[2];
               }
            }
      }
      /// Go to so many windows from `first` on.
      SOFIE_INLINE void Move(size_t first, int windows)
      {
         fFirst = first;
         for (int r = 0; r < windows; ++r)
#pragma GCC unroll 9
            for (size_t t = 0; t < Taps; ++t) {
               size_t const column = (first + r) * fWindow.fStride[2] + fColumn[t];
               fTap[r][t] = column < fWindow.fIn[2] ? fRow[t] + column * fChannels : fZeros;
            }
      }
   };

   /// All windows, for some of the channels.
   template <int W, class F>
   static SOFIE_INLINE void Rows(Window const &w, size_t part, size_t channels, T const *x, T const *zeros,
                                 T const *packed, T *y, F const &f)
   {
      size_t const first = w.FirstInside(2);
      size_t const end = w.EndInside(2, first);
      for (size_t d = 0; d < w.fOut[0]; ++d)
         for (size_t h = 0; h < w.fOut[1]; ++h, y += w.fOut[2] * channels) {
            Places places(w, channels, x, zeros, d, h);
            Windows<W, kMost / 2, false>(0, first, part, places, packed, y, f);
            places.Move(first, 1);
            Windows<W, kMost, true>(first, end, part, places, packed, y, f);
            Windows<W, kMost / 2, false>(end, w.fOut[2], part, places, packed, y, f);
         }
   }

   /// MR windows while there are so many, then half as many. \tparam IsInside whether their columns are all in the input, so that the taps
   /// of the first one tell those of all.
   template <int W, int MR, bool IsInside, class F>
   static SOFIE_INLINE void Windows(size_t window, size_t end, size_t part, Places &places, T const *packed, T *y,
                                    F const &f)
   {
      size_t const channels = places.fChannels;
      size_t const step = places.fWindow.fStride[2] * channels;
      for (; window + MR <= end; window += MR) {
         if constexpr (!IsInside)
            places.Move(window, MR);
         EachRun<T, W>(part, Step<MR, IsInside, F>{places.fTap, (window - places.fFirst) * step, step, channels, packed,
                                                   y + window * channels, f});
      }
      if constexpr (MR > 1)
         Windows<W, MR / 2, IsInside>(window, end, part, places, packed, y, f);
   }

   template <int MR, bool IsInside, class F>
   struct Step {
      T const *const (*fTap)[Taps];
      size_t fFrom; ///< From the taps to the first window's,
      size_t fStep; ///< and from each window's to the next one's.
      size_t fChannels;
      T const *fPacked;
      T *fY;
      F const &fF;

      template <int W>
      SOFIE_INLINE void At(size_t c, size_t lanes) const
      {
         Vec<T, W> acc[MR];
#pragma GCC unroll 8
         for (int r = 0; r < MR; ++r)
            LoadLanes<T, W>(acc[r], fPacked + c, lanes);
         T const *weights = fPacked + fChannels + c;
         size_t const from = fFrom + c;
#pragma GCC unroll 9
         for (size_t t = 0; t < Taps; ++t, weights += fChannels) {
            Vec<T, W> weight, value;
            LoadLanes<T, W>(weight, weights, lanes);
#pragma GCC unroll 8
            for (int r = 0; r < MR; ++r) {
               LoadLanes<T, W>(value, (IsInside ? fTap[0][t] + r * fStep : fTap[r][t]) + from, lanes);
               acc[r] += value * weight;
            }
         }
#pragma GCC unroll 8
         for (int r = 0; r < MR; ++r) {
            fF.template Apply<T, W>(acc[r]);
            StoreLanes<T, W>(fY + r * fChannels + c, acc[r], lanes);
         }
      }
   };
};

/// y = the maximum, mean or norm of each window of x (Of as for Pool).
template <class T, class Of>
struct PoolLast {
   template <int W>
   static SOFIE_INLINE void Run(size_t images, size_t channels, Window const &w, T const *x, T *y)
   {
      size_t const row = w.fIn[2] * channels;
      for (size_t image = 0; image < images; ++image, x += w.Inputs() * channels)
         for (size_t d = 0; d < w.fOut[0]; ++d) {
            Taps const planes(w, 0, d, w.fIn[1] * row);
            for (size_t h = 0; h < w.fOut[1]; ++h) {
               Taps const rows(w, 1, h, row);
               for (size_t c = 0; c < w.fOut[2]; ++c, y += channels) {
                  Taps const columns(w, 2, c, channels);
                  EachRun<T, W>(channels,
                                Step{planes, rows, columns, x + planes.fBegin + rows.fBegin + columns.fBegin, y});
               }
            }
         }
   }

private:
   /// Along one dimension: the taps in the input, and of a mean how many elements it is of.
   struct Taps : InputTaps {
      size_t fSize = 1;

      SOFIE_INLINE Taps(Window const &w, int dimension, size_t at, size_t pitch) : InputTaps(w, dimension, at, pitch)
      {
         if constexpr (Of::kIsMean)
            fSize = Of::Count(w, dimension, at);
      }
   };

   struct Step {
      Taps const &fPlanes, &fRows, &fColumns;
      T const *fX;
      T *fY;

      template <int W>
      SOFIE_INLINE void At(size_t channel, size_t lanes) const
      {
         Vec<T, W> acc;
         Splat<T, W>(acc, Of::template Start<T>());
         for (size_t d = 0; d < fPlanes.fCount; ++d)
            for (size_t h = 0; h < fRows.fCount; ++h) {
               T const *p = fX + d * fPlanes.fStep + h * fRows.fStep + channel;
               for (size_t c = 0; c < fColumns.fCount; ++c, p += fColumns.fStep) {
                  Vec<T, W> value;
                  LoadLanes<T, W>(value, p, lanes);
                  Of::template Prepare<T, W>(value);
                  Of::template Add<T, W>(acc, value);
               }
            }
         if constexpr (Of::kIsMean)
            acc /= Vec<T, W>{} + T(fPlanes.fSize * fRows.fSize * fColumns.fSize);
         else
            Of::template Finish<T, W>(acc);
         StoreLanes<T, W>(fY + channel, acc, lanes);
      }
   };
};

} // namespace Kernel
