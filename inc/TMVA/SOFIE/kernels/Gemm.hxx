/// \file
/// Matrix products from register tiles: kRows rows times kVectors vectors of columns, the sum over k in straight-line blocks.
///
/// B is read in panels of kVectors vectors of columns: for each k the panel's columns side by side. A panel begins with
/// one such line of starting values (the bias, or 0), so that a panel is one stream of memory. Weights are packed once, when
/// the Session is made (PackPanels); other matrices panel by panel into scratch memory while they are multiplied.
///
/// A panel's weights are kept as elements (P = T) or, of floats, as bfloat16, the upper halves of floats (P = BFloat16Pair).
#pragma once

#include "Cast.hxx"
#include "Lanes.hxx"
#include "Loop.hxx"
#include "Memory.hxx"
#include "Vector.hxx"

namespace Kernel {

/// Vectors of columns in a panel.
constexpr int kVectors = 4;
/// Rows of a tile of NV vectors: as many as leave registers, of AVX-512's 32 or the 16 before it, for a line of the panel.
template <int W, int NV>
constexpr int kRows = W == 64   ? (NV == 4 ? 6 : 8)
                      : NV == 4 ? 2
                      : NV == 3 ? 3
                      : NV == 2 ? 4
                                : 6;

/// Where element (i, j) of a matrix lies: p[i * fRow + j * fColumn].
struct Strides {
   static constexpr bool kIsContiguous = false; ///< Whether fColumn is known to be 1.
   size_t fRow;
   size_t fColumn;
};

/// The same for strides known when the code was generated.
template <size_t Row, size_t Column>
struct FixedStrides {
   static constexpr bool kIsContiguous = Column == 1;
   static constexpr size_t fRow = Row;
   static constexpr size_t fColumn = Column;
};

/// A tile's rows of A at equal distances.
template <class T, class S>
struct EvenRows {
   T const *fFirst;
   S fStrides;
   SOFIE_INLINE T At(int r, size_t k) const { return fFirst[r * fStrides.fRow + k * fStrides.fColumn]; }
   SOFIE_INLINE void Advance(size_t k) { fFirst += k * fStrides.fColumn; }
};

/// Two weights of one line, as far apart as a vector is long: the second one's bits are the upper half.
using BFloat16Pair = std::uint32_t;

/// The elements P in which a panel of so many vectors keeps a line of weights. The starting values are as many vectors of T.
template <class T, int W, class P>
SOFIE_INLINE constexpr size_t LineSize(int vectors)
{
   return (std::is_same<P, T>::value ? vectors : (vectors + 1) / 2) * kLanes<T, W>;
}

/// A panel's size in elements P.
template <class T, int W, class P>
constexpr size_t PanelSize(int vectors, size_t depth)
{
   static_assert(sizeof(P) == sizeof(T));
   return vectors * kLanes<T, W> + depth * LineSize<T, W, P>(vectors);
}

/// Load vector `v` of a line.
template <class T, int W, class P>
SOFIE_INLINE void LoadWeights(Vec<T, W> &weights, P const *line, int v)
{
   if constexpr (std::is_same<P, T>::value) {
      Load<T, W>(weights, line + v * kLanes<T, W>);
   } else {
      Vec<BFloat16Pair, W> pairs;
      Load<BFloat16Pair, W>(pairs, line + v / 2 * kLanes<T, W>);
      pairs = v % 2 == 0 ? pairs << 16 : pairs & 0xffff0000u;
      BitCast(weights, pairs);
   }
}

/// Keep the weight of column `c` in a line of zeros.
template <class T, int W, class P>
SOFIE_INLINE void KeepWeight(P *line, size_t c, T weight)
{
   constexpr size_t kL = kLanes<T, W>;
   if constexpr (std::is_same<P, T>::value)
      line[c] = weight;
   else
      line[c / (2 * kL) * kL + c % kL] |= BFloat16Pair(Narrowed<BFloat16>(weight)) << (c / kL % 2 * 16);
}

/// The vectors of full panels that are multiplied at once: those of two with one row, whose elements are loaded anew each time, where
/// there are registers for two sums of each.
template <int W, class Rows>
constexpr int kAtOnce = kKnown<Rows> == 1 && W == 64 ? 2 * kVectors : kVectors;

/// The vectors of each panel of a tile that has NV.
template <int NV>
constexpr int kEachPanel = NV < kVectors ? NV : kVectors;

/// acc[r, v] += a[r, k] * b[v] for one k. \tparam Apart from a line of the first panel to that of the second, if there is one.
template <class T, int W, int MR, int NV, size_t Apart, class A, class P>
SOFIE_INLINE void TileStep(Vec<T, W> *acc, A const &a, size_t k, P const *b)
{
#pragma GCC unroll 8
   for (int v = 0; v < NV; ++v) {
      Vec<T, W> column;
      LoadWeights<T, W>(column, b + v / kVectors * Apart, v % kVectors);
#pragma GCC unroll 8
      for (int r = 0; r < MR; ++r)
         acc[r * NV + v] += a.At(r, k) * column;
   }
}

/// What is fetched ahead comes in portions, one before each so many steps of a block: a burst would hold up what is read now.
constexpr int kFetchSteps = 4;

/// Brings memory that will be read soon into the second-level cache, so many lines a portion. What is read once is no exception: on
/// an Intel CPU (Emerald Rapids), fetching past that cache halves the rate.
template <int Lines>
struct Fetch {
   static constexpr int kCacheLine = 64;
   static constexpr int kSecondLevel = 2;
   std::uintptr_t fAt; ///< The next line. It may be behind the memory that is there: fetching reads nothing.

   SOFIE_INLINE void Before(int k)
   {
      if (k % kFetchSteps > 0)
         return;
#pragma GCC unroll 16
      for (int i = 0; i < Lines; ++i)
         __builtin_prefetch(reinterpret_cast<char const *>(fAt + i * kCacheLine), 0, kSecondLevel);
      fAt += Lines * kCacheLine;
   }
};

struct NoFetch {
   SOFIE_INLINE void Before(int) const {}
};

/// Steps k = 0 ... sizeof...(K) - 1, dealt out over KS independent chains of sums.
template <class T, int W, int MR, int NV, size_t Apart, int KS, class A, class P, class Fetching, int... K>
SOFIE_INLINE void TileSteps(Vec<T, W> *acc, A const &a, P const *b, Fetching &fetch, std::integer_sequence<int, K...>)
{
   constexpr size_t kPitch = LineSize<T, W, P>(kEachPanel<NV>);
   ((fetch.Before(K), TileStep<T, W, MR, NV, Apart>(acc + K % KS * (MR * NV), a, K, b + K * kPitch)), ...);
}

/// The steps of k in one straight-line block of a tile of many sums. Longer ones are no faster, and take cling twice as long to compile.
constexpr int kTileBlock = 4;

/// The steps of a tile of one row that are a sum of their own, and one straight-line block: sums of sums are rounded less than a sum of all.
template <size_t Depth>
constexpr int kRowSum = Depth > 64 ? 64 : 32;

/// Enough independent sums to hide the latency of a multiply-add: 8, in so many chains for each element. Where there are registers for
/// it, 8 elements have two each: shorter sums are rounded less.
template <int W, int MR, int NV>
constexpr int kChains = MR * NV > (W == 64 ? 8 : 7) ? 1
                        : MR * NV >= 4              ? 2
                        : MR * NV >= 2              ? 4
                                                    : 8;

/// The accumulators of a tile, each chain's. \tparam Apart from the first panel to the second, if there is one.
template <class T, int W, int MR, int NV, size_t Apart = 0>
struct TileSums {
   static_assert(NV <= kVectors || (MR == 1 && NV <= 2 * kVectors && Apart > 0), "two panels meet one row");
   Vec<T, W> fAcc[kChains<W, MR, NV> * MR * NV] = {};

   /// Add one value a row, or where that is nullptr one a column: last, since a sum that begins with a large one is rounded more.
   template <class P>
   SOFIE_INLINE void AddStart(T const *rowStart, P const *columnStart)
   {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
         Vec<T, W> start;
         if (!rowStart)
            Load<T, W>(start,
                       reinterpret_cast<T const *>(columnStart + v / kVectors * Apart) + v % kVectors * kLanes<T, W>);
#pragma GCC unroll 8
         for (int r = 0; r < MR; ++r) {
            if (rowStart)
               Splat<T, W>(start, rowStart[r]);
            fAcc[r * NV + v] += start;
         }
      }
   }

   /// Add the products of `depth` columns of a and lines of b, fetching what comes. \tparam Block the steps of k in one straight-line
   /// block. \return the line behind them.
   template <int Block, class Depth, class A, class P, class Fetching = NoFetch>
   SOFIE_INLINE P const *Add(Depth depth, A a, P const *b, Fetching &&fetch = {})
   {
      constexpr size_t kDepth = kKnown<Depth>;
      constexpr int kBlock = kDepth > 0 && kDepth < size_t(Block) ? int(kDepth) : Block;
      constexpr size_t kPitch = LineSize<T, W, P>(kEachPanel<NV>);
      size_t k = depth;
      for (; k >= kBlock; k -= kBlock, b += kBlock * kPitch)
         if constexpr (MR == 1 && kBlock == kRowSum<kDepth> && (kDepth == 0 || kDepth > kBlock))
            AddSum<kBlock>(a, b, fetch);
         else
            AddBlock<kBlock>(a, b, fetch);
      if constexpr (kDepth > 0) {
         if constexpr (kDepth % kBlock > 0)
            AddBlock<kDepth % kBlock>(a, b, fetch);
         return b + kDepth % kBlock * kPitch;
      } else {
         for (; k > 0; --k, a.Advance(1), b += kPitch)
            TileStep<T, W, MR, NV, Apart>(fAcc, a, 0, b);
         return b;
      }
   }

   /// Add so many steps and go on behind them in a.
   template <int Steps, class A, class P, class Fetching>
   SOFIE_INLINE void AddBlock(A &a, P const *b, Fetching &fetch)
   {
      TileSteps<T, W, MR, NV, Apart, kChains<W, MR, NV>>(fAcc, a, b, fetch, std::make_integer_sequence<int, Steps>{});
      a.Advance(Steps);
   }

   /// The same for steps that are a sum of their own.
   template <int Steps, class A, class P, class Fetching>
   SOFIE_INLINE void AddSum(A &a, P const *b, Fetching &fetch)
   {
      TileSums sum;
      sum.template AddBlock<Steps>(a, b, fetch);
      Add(sum);
   }

   /// Add sums of another part of the same products.
   SOFIE_INLINE void Add(TileSums const &part)
   {
#pragma GCC unroll 32
      for (int i = 0; i < kChains<W, MR, NV> * MR * NV; ++i)
         fAcc[i] += part.fAcc[i];
   }

   /// y[r, c] = f(sum) for c < columns <= NV vectors.
   template <class F>
   SOFIE_INLINE void Finish(T *y, size_t rowY, size_t columns, F const &f)
   {
      constexpr int kL = kLanes<T, W>;
#pragma GCC unroll 8
      for (int s = kChains<W, MR, NV> / 2; s > 0; s /= 2)
#pragma GCC unroll 8
         for (int i = 0; i < s * MR * NV; ++i)
            fAcc[i] += fAcc[i + s * MR * NV];
#pragma GCC unroll 8
      for (int r = 0; r < MR; ++r) {
#pragma GCC unroll 8
         for (int v = 0; v < NV; ++v) {
            T *const out = y + r * rowY + v * kL;
            if (size_t(v + 1) * kL <= columns) {
               ApplyAt<T, W>(fAcc[r * NV + v], f, out, kL);
               Store<T, W>(out, fAcc[r * NV + v]);
            } else if (size_t(v) * kL < columns) {
               ApplyAt<T, W>(fAcc[r * NV + v], f, out, columns - v * kL);
               StorePart<T, W>(out, fAcc[r * NV + v], columns - v * kL);
            }
         }
      }
   }
};

/// One tile: y[r, c] = f(start[c] or rowStart[r] + sum over k of a[r, k] panel[k, c]) for r < MR, c < columns <= NV vectors.
/// \param rowStart one starting value a row, or nullptr: the panel's own first line holds one a column.
template <class T, int W, int MR, int NV, int Block, class Depth, class S, class P, class F>
SOFIE_INLINE void Tile(Depth depth, T const *a, S sa, P const *panel, T const *rowStart, T *y, size_t rowY,
                       size_t columns, F const &f)
{
   static_assert(NV <= kVectors || !std::is_same<Depth, size_t>::value, "where the second panel begins is known");
   constexpr size_t kApart = NV > kVectors ? PanelSize<T, W, P>(kVectors, kKnown<Depth>) : 0;
   TileSums<T, W, MR, NV, kApart> sums;
   sums.template Add<Block>(depth, EvenRows<T, S>{a, sa}, panel + kEachPanel<NV> * kLanes<T, W>);
   sums.AddStart(rowStart, panel);
   sums.Finish(y, rowY, columns, f);
}

/// Tiles of rows against one panel, or one row against two, of NV vectors.
template <class T, int W, int NV, class P>
struct RowTiles {
   P const *fPanel;
   T const *fRowStart;
   size_t fRowY;
   size_t fColumns;

   /// Tiles of MR rows from row `first` on while they end by row `last`. \return the first row behind them.
   template <int MR, int Block, class Depth, class S, class F>
   SOFIE_INLINE size_t Even(size_t first, size_t last, Depth depth, T const *a, S sa, T *y, F const &f) const
   {
      for (; first + MR <= last; first += MR)
         Tile<T, W, MR, NV, Block>(depth, a + first * sa.fRow, sa, fPanel, fRowStart ? fRowStart + first : nullptr,
                                   y + first * fRowY, fRowY, fColumns, f);
      return first;
   }

   /// Tiles of MR rows while there are so many, then of half as many.
   template <int MR, class Depth, class S, class F>
   SOFIE_INLINE void Halving(size_t first, size_t last, Depth depth, T const *a, S sa, T *y, F const &f) const
   {
      first = Even<MR, MR == 1 ? 16 : kTileBlock>(first, last, depth, a, sa, y, f);
      if constexpr (MR > 1)
         Halving<MR / 2>(first, last, depth, a, sa, y, f);
   }
};

/// So many rows dealt out over tiles of at most `Most`, none of which is lower than another by more than one row.
template <size_t Rows, int Most>
struct EvenTiles {
   static constexpr size_t kTiles = (Rows + Most - 1) / Most;
   static constexpr int kHigh = int((Rows + kTiles - 1) / kTiles);
   static constexpr size_t kLows = kHigh * kTiles - Rows; ///< The tiles that have a row less than kHigh.
   static constexpr size_t kHighs = kTiles - kLows;
};

/// All rows against one panel, or one row against two, of NV vectors.
template <class T, int W, int NV, class Rows, class Depth, class S, class P, class F>
SOFIE_INLINE void PanelRows(Rows rows, Depth depth, T const *a, S sa, P const *panel, T const *rowStart, T *y,
                            size_t rowY, size_t columns, F const &f)
{
   RowTiles<T, W, NV, P> const tiles{panel, rowStart, rowY, columns};
   if constexpr (kKnown<Rows> == 0) {
      tiles.template Halving<kRows<W, NV>>(0, rows, depth, a, sa, y, f);
   } else if constexpr (kKnown<Rows> == 1) {
      tiles.template Even<1, kRowSum<kKnown<Depth>>>(0, rows, depth, a, sa, y, f);
   } else {
      using Tiles = EvenTiles<kKnown<Rows>, kRows<W, NV>>;
      size_t const next =
         tiles.template Even<Tiles::kHigh, kTileBlock>(0, Tiles::kHighs * Tiles::kHigh, depth, a, sa, y, f);
      if constexpr (Tiles::kLows > 0)
         tiles.template Even<Tiles::kHigh - 1, kTileBlock>(next, rows, depth, a, sa, y, f);
   }
}

/// The columns of one panel.
template <class T, int W, int NV = kVectors>
constexpr size_t kPanel = NV * kLanes<T, W>;

/// The vectors that hold the columns left over after the full panels, which have so many each.
template <class T, int W>
constexpr int TailVectors(size_t columns, int vectors = kVectors)
{
   size_t const wide = vectors * kLanes<T, W>;
   return int((columns % wide + kLanes<T, W> - 1) / kLanes<T, W>);
}

/// Where a row of B goes that is one of `places` of a channel: what is multiplied has its channels last, first those of the first place.
SOFIE_INLINE size_t LineOf(size_t row, size_t depth, size_t places)
{
   return row % places * (depth / places) + row / places;
}

/// Copy `count` columns of b (depth x columns) behind a line of starting values, scaled, as one panel of so many vectors. A panel of
/// pairs is to hold zeros.
template <class T, int W, class P, class S>
SOFIE_INLINE void PackPanel(P *panel, int vectors, size_t depth, size_t count, T const *b, S sb, T const *start,
                            T scale, size_t places = 1)
{
   size_t const wide = vectors * kLanes<T, W>;
   for (size_t c = 0; c < wide; ++c) {
      T const value = start && c < count ? start[c] : T(0);
      std::memcpy(panel + c, &value, sizeof(T));
   }
   for (size_t k = 0; k < depth; ++k) {
      T const *const source = b + k * sb.fRow;
      P *const line = panel + wide + LineOf(k, depth, places) * LineSize<T, W, P>(vectors);
      for (size_t c = 0; c < count; ++c)
         KeepWeight<T, W>(line, c, T(source[c * sb.fColumn] * scale));
      for (size_t c = count; c < wide; ++c)
         KeepWeight<T, W>(line, c, T(0));
   }
}

/// B (depth x columns), scaled, as panels of at most so many vectors, behind lines of starting values (or nullptr, for 0). What packs weights
/// takes all sizes as arguments: compilers, cling above all, make it once for all layers.
template <class T, int W, class P>
SOFIE_ONCE Buffer<P> PackPanels(int vectors, size_t depth, size_t columns, T const *b, Strides sb, T const *start,
                                T scale, size_t places)
{
   size_t const wide = vectors * kLanes<T, W>;
   size_t const full = columns / wide;
   int const tail = TailVectors<T, W>(columns, vectors);
   size_t const size = PanelSize<T, W, P>(vectors, depth);
   Buffer<P> packed(full * size + PanelSize<T, W, P>(tail, depth));
   for (size_t first = 0, p = 0; first < columns; first += wide, ++p)
      PackPanel<T, W>(packed.Data() + p * size, p < full ? vectors : tail, depth, p < full ? wide : columns - first,
                      b + first * sb.fColumn, sb, start ? start + first : nullptr, scale, places);
   return packed;
}

/// Few columns are dot products along k, on rows of weights: true where a vector of columns would be mostly empty.
template <class T, int W>
constexpr bool UsesDots(size_t columns)
{
   return columns * 4 <= size_t(kLanes<T, W>);
}

/// Weights for Dense: B (depth x columns) times alpha, and beta times a bias of one value a column (or nullptr). Those of dot products are
/// as long as T in any case, rounded if P says so. \param places as for LineOf.
template <class T, int W, class P = T>
SOFIE_ONCE Buffer<P> PackDense(size_t depth, size_t columns, T const *b, Strides sb, T alpha, T const *bias,
                               size_t biasStride, T beta, size_t places = 1)
{
   Buffer<T> start(columns);
   for (size_t c = 0; bias && c < columns; ++c)
      start.Data()[c] = T(bias[c * biasStride] * beta);
   if (!UsesDots<T, W>(columns))
      return PackPanels<T, W, P>(kVectors, depth, columns, b, sb, start.Data(), alpha, places);
   // The starting values, padded to a line, then each column of B as a row padded with 0.
   constexpr size_t kL = kLanes<T, W>;
   size_t const row = (depth + kL - 1) / kL * kL;
   Buffer<P> packed(kL + columns * row);
   std::memcpy(packed.Data(), start.Data(), columns * sizeof(T));
   for (size_t c = 0; c < columns; ++c)
      for (size_t k = 0; k < depth; ++k) {
         T weight = T(b[k * sb.fRow + c * sb.fColumn] * alpha);
         if constexpr (!std::is_same<P, T>::value)
            weight = Widened<BFloat16>(Narrowed<BFloat16>(weight));
         std::memcpy(packed.Data() + kL + c * row + LineOf(k, depth, places), &weight, sizeof(T));
      }
   return packed;
}

/// y (rows x Columns) = f(a (rows x Depth) times weights that PackDense has packed for this width).
template <class T, size_t Depth, size_t Columns>
struct Dense {
   template <int W, class Rows, class S, class P, class F>
   static SOFIE_INLINE void Run(Rows rows, T const *a, S sa, P const *packed, T *y, F f)
   {
      if constexpr (UsesDots<T, W>(Columns)) {
         T const *const lines = reinterpret_cast<T const *>(packed);
         if constexpr (kKnown<Rows> * Columns == 1 && S::kIsContiguous)
            OneDot<W>(a, lines, y, f);
         else
            Dots<W>(rows, a, sa, lines, y, f);
      } else {
         constexpr size_t kFull = Columns / kPanel<T, W>;
         constexpr int kTail = TailVectors<T, W>(Columns);
         constexpr size_t kSize = PanelSize<T, W, P>(kVectors, Depth);
         constexpr size_t kEach = kAtOnce<W, Rows> / kVectors;
         constexpr size_t kEven = kFull / kEach * kEach;
         constexpr Fixed<Depth> kDepth{};
         T const *const none = nullptr;
         if constexpr (kEven > 0) // else compilers, cling above all, would make what never runs
            for (size_t p = 0; p < kEven; p += kEach)
               PanelRows<T, W, kAtOnce<W, Rows>>(rows, kDepth, a, sa, packed + p * kSize, none, y + p * kPanel<T, W>,
                                                 Columns, kEach * kPanel<T, W>, f);
         if constexpr (kEven < kFull)
            PanelRows<T, W, kVectors>(rows, kDepth, a, sa, packed + kEven * kSize, none, y + kEven * kPanel<T, W>,
                                      Columns, kPanel<T, W>, f);
         if constexpr (kTail > 0)
            PanelRows<T, W, kTail>(rows, kDepth, a, sa, packed + kFull * kSize, none, y + kFull * kPanel<T, W>, Columns,
                                   Columns - kFull * kPanel<T, W>, f);
      }
   }

private:
   /// What the lanes of a dot product are added up in: there are about as many as terms, so their sum would lose the most.
   using Sum = typename std::conditional<std::is_floating_point<T>::value, double, T>::type;

   /// One row of a times one row of weights; what is left to do is to add up the lanes.
   template <int W>
   static SOFIE_INLINE void Dot(Vec<Sum, W> &sum, T const *a, T const *w)
   {
      constexpr size_t kWhole = Depth / kLanes<T, W>;
      constexpr int kBlock = kWhole == 0 ? 1 : kWhole < 8 ? int(kWhole) : 8;
      Dot<W>(sum, a, w, std::make_integer_sequence<int, kBlock>{});
   }

   template <int W, int... V>
   static SOFIE_INLINE void Dot(Vec<Sum, W> &sum, T const *a, T const *w, std::integer_sequence<int, V...>)
   {
      constexpr int kL = kLanes<T, W>;
      constexpr size_t kWhole = Depth / kL;
      constexpr int kBlock = sizeof...(V);
      constexpr int kSums = kBlock < 2 ? 1 : kBlock < 4 ? 2 : 4;
      Vec<T, W> acc[kSums] = {};
      size_t v = 0;
      for (; v + kBlock <= kWhole; v += kBlock)
         (MultiplyAdd<W>(acc[V % kSums], a + (v + V) * kL, w + (v + V) * kL), ...);
      for (; v < kWhole; ++v)
         MultiplyAdd<W>(acc[0], a + v * kL, w + v * kL);
      if constexpr (Depth % kL > 0) {
         Vec<T, W> left, right;
         LoadPart<T, W>(left, a + kWhole * kL, Depth % kL);
         Load<T, W>(right, w + kWhole * kL);
         acc[kSums - 1] += left * right;
      }
      if constexpr (kSums == 4)
         acc[0] = (acc[0] + acc[1]) + (acc[2] + acc[3]);
      else if constexpr (kSums == 2)
         acc[0] += acc[1];
      SumParts<T, Sum, W>(sum, acc[0]);
   }

   template <int W>
   static SOFIE_INLINE void MultiplyAdd(Vec<T, W> &acc, T const *a, T const *b)
   {
      Vec<T, W> left, right;
      Load<T, W>(left, a);
      Load<T, W>(right, b);
      acc += left * right;
   }

   /// The whole product, where it is one number.
   template <int W, class F>
   static SOFIE_INLINE void OneDot(T const *a, T const *packed, T *y, F const &f)
   {
      Vec<Sum, W> sum;
      Vec<T, 16> v = {}; // a division of few lanes is faster
      Dot<W>(sum, a, packed + kLanes<T, W>);
      v[0] = T(packed[0] + FoldLanes<Add, Sum, W>(sum));
      ApplyAt<T, 16>(v, f, y, 1);
      y[0] = v[0];
   }

   /// The results are one stream, of which whole vectors are made for f. So many rows at a time as have a vector of sums.
   template <int W, class Rows, class S, class F>
   static SOFIE_INLINE void Dots(Rows rows, T const *a, S sa, T const *packed, T *y, F const &f)
   {
      constexpr size_t kL = kLanes<T, W>;
      constexpr size_t kRow = (Depth + kL - 1) / kL * kL;
      constexpr size_t kSums = kLanes<Sum, W>;
      constexpr size_t kRowsEach = kSums / Columns;
      constexpr size_t kEach = kRowsEach * Columns;
      constexpr size_t kMost = kL / kEach * kEach;
      size_t const count = rows * Columns;
      if (S::kIsContiguous && count == 1)
         return OneDot<W>(a, packed, y, f);
      T row[kRow + kL];
      T results[kL];
      for (size_t first = 0; first < count; first += kMost, y += kMost) {
         size_t const n = count - first < kMost ? count - first : kMost;
         for (size_t i = 0; i < n; i += kEach) {
            Vec<Sum, W> sums[kSums] = {};
            Sum lanes[kSums];
#pragma GCC unroll 8
            for (size_t r = 0; r < kRowsEach; ++r) {
               size_t const at = (first + i) / Columns + r;
               T const *line = a + (at < rows ? at : rows - 1) * sa.fRow;
               if (sa.fColumn != 1) {
                  for (size_t k = 0; k < Depth; ++k)
                     row[k] = line[k * sa.fColumn];
                  line = row;
               }
#pragma GCC unroll 4
               for (size_t c = 0; c < Columns; ++c)
                  Dot<W>(sums[r * Columns + c], line, packed + kL + c * kRow);
            }
            FoldEach<Add, Sum, W>(sums);
            Store<Sum, W>(lanes, sums[0]);
            for (size_t j = 0; j < kEach; ++j)
               results[i + j] = T(packed[j % Columns] + lanes[j]);
         }
         Vec<T, W> v;
         if (n == kL) {
            Load<T, W>(v, results);
            ApplyAt<T, W>(v, f, y, kL);
            Store<T, W>(y, v);
         } else {
            LoadPart<T, W>(v, results, n);
            ApplyAt<T, W>(v, f, y, n);
            StorePart<T, W>(y, v, n);
         }
      }
   }
};

/// The scratch elements that MatMul needs at any width: one panel of 256 bytes a line.
template <class T>
constexpr size_t MatMulScratch(size_t depth)
{
   return (depth + 1) * (kVectors * 64 / sizeof(T));
}

/// y (rows x columns) = f(scale * a (rows x depth) times b (depth x columns)), once for each step of a loop over offsets into a
/// and b; b lies in memory in any order and is packed a panel at a time.
template <class T>
struct MatMul {
   template <int W, size_t R, class Rows, class Depth, class Columns, class SA, class SB, class F>
   static SOFIE_INLINE void Run(Loop<R, 2> const &batch, Rows rows, Depth depth, Columns columns, T const *a, SA sa,
                                T const *b, SB sb, T scale, T *y, T *scratch, F f)
   {
      for (LoopState<R, 2> at(batch); !at.Done(); at.Next(batch), y += rows * columns)
         One<W>(rows, depth, columns, a + at.fOffset[0], sa, b + at.fOffset[1], sb, scale, y, scratch, f);
   }

private:
   template <int W, class Rows, class Depth, class Columns, class SA, class SB, class F>
   static SOFIE_INLINE void One(Rows rows, Depth depth, Columns columns, T const *a, SA sa, T const *b, SB sb, T scale,
                                T *y, T *scratch, F const &f)
   {
      constexpr size_t kColumns = kKnown<Columns>;
      size_t c = 0;
      if constexpr (kColumns == 0 || kColumns >= kPanel<T, W>)
         for (; c + kPanel<T, W> <= columns; c += kPanel<T, W>)
            Panel<W, kVectors>(rows, depth, kPanel<T, W>, columns, a, sa, b + c * sb.fColumn, sb, scale, y + c, scratch,
                               f);
      if constexpr (kColumns > 0) {
         if constexpr (TailVectors<T, W>(kColumns) > 0)
            Panel<W, TailVectors<T, W>(kColumns)>(rows, depth, columns - c, columns, a, sa, b + c * sb.fColumn, sb,
                                                  scale, y + c, scratch, f);
      } else if (c < columns) {
         if (columns - c <= kLanes<T, W>)
            Panel<W, 1>(rows, depth, columns - c, columns, a, sa, b + c * sb.fColumn, sb, scale, y + c, scratch, f);
         else
            Panel<W, kVectors>(rows, depth, columns - c, columns, a, sa, b + c * sb.fColumn, sb, scale, y + c, scratch,
                               f);
      }
   }

   template <int W, int NV, class Rows, class Depth, class SA, class SB, class F>
   static SOFIE_INLINE void Panel(Rows rows, Depth depth, size_t count, size_t columns, T const *a, SA sa, T const *b,
                                  SB sb, T scale, T *y, T *scratch, F const &f)
   {
      PackPanel<T, W>(scratch, NV, depth, count, b, sb, static_cast<T const *>(nullptr), scale);
      PanelRows<T, W, NV>(rows, depth, a, sa, scratch, static_cast<T const *>(nullptr), y, columns, count, f);
   }
};

} // namespace Kernel
