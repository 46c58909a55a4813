/// \file
/// Recurrent networks: RNN, GRU and LSTM. The product of the input with its weights is made for many steps at once; what is left in
/// the loop over time is the product of the state with its weights, and the functions of the gates on whole vectors.
#pragma once

#include "Gemm.hxx"
#include "Window.hxx"

#include <stdexcept>

namespace Kernel {

/// Sequences, and how far apart their elements lie.
struct Sequences {
   size_t fSteps;  ///< The longest sequence.
   size_t fTimeX;  ///< From one step to the next: of the input,
   size_t fTimeY;  ///< and of the output.
   size_t fRowX;   ///< From one sequence to the next: of the input,
   size_t fRowY;   ///< of the output,
   size_t fRowEnd; ///< and of the first and last states.
};

/// The tensors of one direction; what is left out is a nullptr. Packed weights have elements P.
template <class T, class P>
struct RecurrentTensors {
   T const *fX;
   P const *fInput;              ///< The weights of the input, packed by PackRecurrent.
   P const *fState[2];           ///< Those of the state, in the parts that the cell wants.
   std::int32_t const *fLengths; ///< Of each sequence.
   T const *fFirst[2];           ///< The first states.
   T const *fPeephole;           ///< Weights from the cell's memory to its gates.
   T *fY;
   T *fLast[2]; ///< The last states.
};

/// Some gates of weights (columns lines of depth), packed for Dense with their biases summed, of the second one those of the columns
/// [first, last); the biases may be nullptr.
template <class T, int W, class P = T>
SOFIE_ONCE Buffer<P> PackRecurrent(size_t depth, size_t columns, T const *weights, T const *bias, T const *more,
                                   size_t first, size_t last)
{
   Buffer<T> sum(columns);
   for (size_t c = 0; bias && c < columns; ++c)
      sum.Data()[c] = bias[c];
   for (size_t c = first; more && c < last; ++c)
      sum.Data()[c] += more[c];
   return PackDense<T, W, P>(depth, columns, weights, Strides{1, depth}, T(1), sum.Data(), 1, T(1));
}

/// Vectors of the elements [0, Hidden): `step.At<W>(i, lanes)`, each once.
template <class T, int W, size_t Hidden, class Step>
SOFIE_INLINE void EachHidden(Step const &step)
{
   constexpr size_t kL = kLanes<T, W>;
   size_t i = 0;
   for (; i + kL <= Hidden; i += kL)
      step.template At<W>(i, kL);
   if constexpr (Hidden % kL > 0) {
      if constexpr (Hidden < kL && W > 16)
         EachHidden<T, W / 2, Hidden>(step);
      else
         step.template At<W>(i, Hidden % kL);
   }
}

/// The denominator of what is no fraction.
struct One {};

template <class V>
SOFIE_INLINE void operator*=(V &, One const &)
{
}

/// x over the product of denominators: one division, where each of them would take as long as all multiplications.
template <class V, class... Under>
SOFIE_INLINE void Divide(V &x, Under const &...under)
{
   if constexpr ((std::is_same<Under, V>::value || ...)) {
      V product = V{} + 1;
      ((product *= under), ...);
      x /= product;
   }
}

/// What a function makes of x, as a fraction where it is one.
template <class F, class T, int W>
struct Ratio {
   Vec<T, W> fOver;
   One fUnder;
   SOFIE_INLINE Ratio(F const &f, Vec<T, W> const &x) : fOver(x) { f.template Apply<T, W>(fOver); }
   SOFIE_INLINE void Complement(Vec<T, W> &over) const { over = T(1) - fOver; }
};

template <class T, int W>
struct Ratio<SigmoidOf, T, W> {
   Vec<T, W> fOver, fUnder;
   SOFIE_INLINE Ratio(SigmoidOf const &, Vec<T, W> const &x) { SigmoidRatio<T, W>(fOver, fUnder, x); }
   SOFIE_INLINE void Complement(Vec<T, W> &over) const { over = fUnder - fOver; }
};

template <int W>
struct Ratio<TanhOf, float, W> {
   Vec<float, W> fOver, fUnder;
   SOFIE_INLINE Ratio(TanhOf const &, Vec<float, W> const &x) { TanhRatio<W>(fOver, fUnder, x); }
   SOFIE_INLINE void Complement(Vec<float, W> &over) const { over = fUnder - fOver; }
};

/// h = F(input + h weights).
template <class F>
struct RnnCell {
   static constexpr size_t kGates = 1;    ///< Of the weights.
   static constexpr size_t kStates = 1;   ///< Tensors that go from step to step.
   static constexpr size_t kProducts = 1; ///< Lines of scratch memory, each of Hidden elements.
   F fF;

   template <class T>
   struct Row {
      F const &fF;
      T const *fInput;
      T const *fProduct;
      T *fH;
      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> x, product;
         LoadLanes<T, W>(x, fInput + i, lanes);
         LoadLanes<T, W>(product, fProduct + i, lanes);
         x += product;
         fF.template Apply<T, W>(x);
         StoreLanes<T, W>(fH + i, x, lanes);
      }
   };

   template <class T, int W, size_t Hidden, class Rows, class P, class IsActive>
   SOFIE_INLINE void Step(Rows rows, T const *input, size_t rowInput, RecurrentTensors<T, P> const &d, T *h, T *,
                          T *product, IsActive const &isActive) const
   {
      Dense<T, Hidden, Hidden>::template Run<W>(rows, static_cast<T const *>(h), FixedStrides<Hidden, 1>{}, d.fState[0],
                                                product, Identity{});
      for (size_t r = 0; r < rows; ++r)
         if (isActive(r))
            EachHidden<T, W, Hidden>(Row<T>{fF, input + r * rowInput, product + r * Hidden, h + r * Hidden});
   }
};

/// z, r = F(...), n = G(...), h = (1 - z) n + z h. \tparam IsBefore whether the state is multiplied with the weights before r is.
template <class F, class G, bool IsBefore>
struct GruCell {
   static constexpr size_t kGates = 3;
   static constexpr size_t kStates = 1;
   static constexpr size_t kProducts = IsBefore ? 3 : 4;
   F fF;
   G fG;

   /// Leaves r * h in the place of r's product, for the product with n's weights.
   template <class T, size_t Hidden>
   struct Reset {
      F const &fF;
      T const *fInput;
      T const *fProduct;
      T const *fH;
      T *fReset;
      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> r, v;
         LoadLanes<T, W>(r, fInput + Hidden + i, lanes);
         LoadLanes<T, W>(v, fProduct + Hidden + i, lanes);
         r += v;
         fF.template Apply<T, W>(r);
         LoadLanes<T, W>(v, fH + i, lanes);
         r *= v;
         StoreLanes<T, W>(fReset + i, r, lanes);
      }
   };

   template <class T, size_t Hidden>
   struct Row {
      GruCell const &fCell;
      T const *fInput;
      T const *fProduct; ///< Of z, and behind it of r where IsBefore.
      T const *fNew;     ///< Of n.
      T *fH;
      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> z, n, v;
         LoadLanes<T, W>(z, fInput + i, lanes);
         LoadLanes<T, W>(v, fProduct + i, lanes);
         z += v;
         LoadLanes<T, W>(n, fNew + i, lanes);
         if constexpr (IsBefore) {
            Vec<T, W> r;
            LoadLanes<T, W>(r, fInput + Hidden + i, lanes);
            LoadLanes<T, W>(v, fProduct + Hidden + i, lanes);
            r += v;
            fCell.fF.template Apply<T, W>(r);
            n *= r;
         }
         LoadLanes<T, W>(v, fInput + 2 * Hidden + i, lanes);
         n += v;
         LoadLanes<T, W>(v, fH + i, lanes);
         Ratio<F, T, W> const update(fCell.fF, z);
         Ratio<G, T, W> const fresh(fCell.fG, n);
         v *= update.fOver;
         v *= fresh.fUnder;
         update.Complement(z);
         v += z * fresh.fOver;
         Divide(v, update.fUnder, fresh.fUnder);
         StoreLanes<T, W>(fH + i, v, lanes);
      }
   };

   template <class T, int W, size_t Hidden, class Rows, class P, class IsActive>
   SOFIE_INLINE void Step(Rows rows, T const *input, size_t rowInput, RecurrentTensors<T, P> const &d, T *h, T *,
                          T *product, IsActive const &isActive) const
   {
      constexpr size_t kColumns = (IsBefore ? 3 : 2) * Hidden;
      Dense<T, Hidden, kColumns>::template Run<W>(rows, static_cast<T const *>(h), FixedStrides<Hidden, 1>{},
                                                  d.fState[0], product, Identity{});
      T *const made = product + rows * kColumns;
      if constexpr (!IsBefore) {
         T *const reset = made + rows * Hidden;
         for (size_t r = 0; r < rows; ++r)
            EachHidden<T, W, Hidden>(
               Reset<T, Hidden>{fF, input + r * rowInput, product + r * kColumns, h + r * Hidden, reset + r * Hidden});
         Dense<T, Hidden, Hidden>::template Run<W>(rows, static_cast<T const *>(reset), FixedStrides<Hidden, 1>{},
                                                   d.fState[1], made, Identity{});
      }
      for (size_t r = 0; r < rows; ++r)
         if (isActive(r))
            EachHidden<T, W, Hidden>(Row<T, Hidden>{*this, input + r * rowInput, product + r * kColumns,
                                                    IsBefore ? product + r * kColumns + 2 * Hidden : made + r * Hidden,
                                                    h + r * Hidden});
   }
};

/// i, o, f = F(...), c = f c + i G(...), h = o H(c). \tparam IsCoupled whether f is 1 - i. \tparam HasPeephole whether c reaches the gates.
template <class F, class G, class H, bool IsCoupled, bool HasPeephole>
struct LstmCell {
   static constexpr size_t kGates = 4;
   static constexpr size_t kStates = 2;
   static constexpr size_t kProducts = 4;
   F fF;
   G fG;
   H fH;

   template <class T, int W>
   static constexpr bool kOutIsRatio = !std::is_same<decltype(Ratio<F, T, W>::fUnder), One>::value;

   /// Makes c, and leaves o in the place of h; if it is a fraction, its denominator in the place of its product.
   template <class T, size_t Hidden>
   struct Gates {
      LstmCell const &fCell;
      T const *fInput;
      T *fProduct;
      T const *fPeephole;
      T *fState;
      T *fMemory;

      /// One gate before its function; `line` of the peephole's weights meets the memory.
      template <int W>
      SOFIE_INLINE void Gate(Vec<T, W> &gate, size_t number, size_t i, size_t lanes, [[maybe_unused]] int line,
                             [[maybe_unused]] Vec<T, W> const &memory) const
      {
         Vec<T, W> v;
         LoadLanes<T, W>(gate, fInput + number * Hidden + i, lanes);
         LoadLanes<T, W>(v, fProduct + number * Hidden + i, lanes);
         gate += v;
         if constexpr (HasPeephole) {
            if (line >= 0) {
               LoadLanes<T, W>(v, fPeephole + size_t(line) * Hidden + i, lanes);
               gate += v * memory;
            }
         }
      }
      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> memory, gate;
         LoadLanes<T, W>(memory, fMemory + i, lanes);
         Gate<W>(gate, 0, i, lanes, 0, memory);
         Ratio<F, T, W> const in(fCell.fF, gate);
         Ratio<F, T, W> forget = in;
         if constexpr (IsCoupled) {
            in.Complement(forget.fOver);
         } else {
            Gate<W>(gate, 2, i, lanes, 2, memory);
            forget = Ratio<F, T, W>(fCell.fF, gate);
         }
         Gate<W>(gate, 3, i, lanes, -1, memory);
         Ratio<G, T, W> const fresh(fCell.fG, gate);
         Vec<T, W> sum = in.fOver * fresh.fOver;
         sum *= forget.fUnder;
         memory *= forget.fOver;
         memory *= in.fUnder;
         memory *= fresh.fUnder;
         memory += sum;
         Divide(memory, in.fUnder, forget.fUnder, fresh.fUnder);
         StoreLanes<T, W>(fMemory + i, memory, lanes);
         Gate<W>(gate, 1, i, lanes, 1, memory);
         Ratio<F, T, W> const out(fCell.fF, gate);
         StoreLanes<T, W>(fState + i, out.fOver, lanes);
         if constexpr (kOutIsRatio<T, W>)
            StoreLanes<T, W>(fProduct + Hidden + i, out.fUnder, lanes);
      }
   };

   /// Makes h, behind the gates of all vectors: those wait for nothing, h waits for c.
   template <class T>
   struct Finish {
      LstmCell const &fCell;
      T *fState;
      T const *fMemory;
      T const *fUnder; ///< The denominators of o.
      template <int W>
      SOFIE_INLINE void At(size_t i, size_t lanes) const
      {
         Vec<T, W> memory, h;
         LoadLanes<T, W>(memory, fMemory + i, lanes);
         Ratio<H, T, W> const activated(fCell.fH, memory);
         LoadLanes<T, W>(h, fState + i, lanes);
         h *= activated.fOver;
         if constexpr (kOutIsRatio<T, W>) {
            Vec<T, W> under;
            if (lanes == size_t(kLanes<T, W>))
               Load<T, W>(under, fUnder + i);
            else
               LoadFilled<T, W>(under, fUnder + i, lanes, T(1)); // 0 / 0 would raise a flag
            Divide(h, under, activated.fUnder);
         } else {
            Divide(h, activated.fUnder);
         }
         StoreLanes<T, W>(fState + i, h, lanes);
      }
   };

   template <class T, int W, size_t Hidden, class Rows, class P, class IsActive>
   SOFIE_INLINE void Step(Rows rows, T const *input, size_t rowInput, RecurrentTensors<T, P> const &d, T *h, T *c,
                          T *product, IsActive const &isActive) const
   {
      Dense<T, Hidden, 4 * Hidden>::template Run<W>(rows, static_cast<T const *>(h), FixedStrides<Hidden, 1>{},
                                                    d.fState[0], product, Identity{});
      for (size_t r = 0; r < rows; ++r)
         if (isActive(r)) {
            T *const state = h + r * Hidden;
            T *const memory = c + r * Hidden;
            T *const made = product + r * 4 * Hidden;
            EachHidden<T, W, Hidden>(Gates<T, Hidden>{*this, input + r * rowInput, made, d.fPeephole, state, memory});
            EachHidden<T, W, Hidden>(Finish<T>{*this, state, memory, made + Hidden});
         }
   }
};

/// Rows of the input that are multiplied with their weights at once, and sequences that run side by side.
constexpr size_t kRecurrentRows = 64;

/// All steps of sequences in one direction; behind a sequence's own length its output is 0, and its state stays as it is.
/// Scratch: kRecurrentRows * Hidden * (kGates + kStates + kProducts of the cell) elements.
template <class T, size_t Inputs, size_t Hidden, class Cell>
struct Recurrent {
   template <int W, class Rows, class P>
   static SOFIE_INLINE void Run(Rows rows, Sequences const &s, RecurrentTensors<T, P> const &d, bool isBackward,
                                T *scratch, Cell cell)
   {
      for (size_t r = 0; d.fLengths && r < rows; ++r)
         if (d.fLengths[r] < 0 || size_t(d.fLengths[r]) > s.fSteps)
            throw std::runtime_error("RNN, GRU or LSTM: sequence_lens has a length that is not in the input");
      if constexpr (kKnown<Rows> == 1) {
         Block<W>(rows, 0, s, d, isBackward, scratch, cell);
      } else {
         for (size_t first = 0; first < rows; first += kRecurrentRows)
            Block<W>(rows - first < kRecurrentRows ? rows - first : kRecurrentRows, first, s, d, isBackward, scratch,
                     cell);
      }
   }

private:
   static constexpr size_t kColumns = Cell::kGates * Hidden;

   struct IsActive {
      std::int32_t const *fLengths;
      size_t fTime;
      SOFIE_INLINE bool operator()(size_t row) const { return !fLengths || fTime < size_t(fLengths[row]); }
   };

   /// Copy lines of Hidden elements, or zeros.
   static SOFIE_INLINE void CopyLine(T *to, T const *from)
   {
      if (from)
         std::memcpy(to, from, Hidden * sizeof(T));
      else
         std::memset(static_cast<void *>(to), 0, Hidden * sizeof(T));
   }

   template <int W, class Rows, class P>
   static SOFIE_INLINE void Block(Rows rows, size_t first, Sequences const &s, RecurrentTensors<T, P> const &d,
                                  bool isBackward, T *scratch, Cell const &cell)
   {
      T *const input = scratch;
      T *const product = input + kRecurrentRows * kColumns;
      T *const state = product + kRecurrentRows * Hidden * Cell::kProducts;
      T *const memory = Cell::kStates > 1 ? state + kRecurrentRows * Hidden : nullptr;
      for (size_t r = 0; r < rows; ++r) {
         CopyLine(state + r * Hidden, d.fFirst[0] ? d.fFirst[0] + (first + r) * s.fRowEnd : nullptr);
         if constexpr (Cell::kStates > 1)
            CopyLine(memory + r * Hidden, d.fFirst[1] ? d.fFirst[1] + (first + r) * s.fRowEnd : nullptr);
      }
      size_t const most = kRecurrentRows / rows;
      T const *const x = d.fX + first * s.fRowX;
      for (size_t done = 0; done < s.fSteps; done += most) {
         size_t const steps = s.fSteps - done < most ? s.fSteps - done : most;
         size_t const begin = isBackward ? s.fSteps - done - steps : done;
         // As many rows at once as lie in one line: those of one step, or those of one sequence.
         bool const isBySteps = rows >= steps;
         for (size_t i = 0; i < (isBySteps ? steps : size_t(rows)); ++i)
            Dense<T, Inputs, kColumns>::template Run<W>(
               isBySteps ? size_t(rows) : steps,
               x + (isBySteps ? (begin + i) * s.fTimeX : begin * s.fTimeX + i * s.fRowX),
               Strides{isBySteps ? s.fRowX : s.fTimeX, 1}, d.fInput,
               input + i * (isBySteps ? size_t(rows) : steps) * kColumns, Identity{});
         for (size_t i = 0; i < steps; ++i) {
            size_t const at = isBackward ? steps - 1 - i : i;
            IsActive const isActive{d.fLengths ? d.fLengths + first : nullptr, begin + at};
            cell.template Step<T, W, Hidden>(rows, input + at * (isBySteps ? size_t(rows) : 1) * kColumns,
                                             isBySteps ? kColumns : steps * kColumns, d, state, memory, product,
                                             isActive);
            for (size_t r = 0; d.fY && r < rows; ++r)
               CopyLine(d.fY + (begin + at) * s.fTimeY + (first + r) * s.fRowY,
                        isActive(r) ? state + r * Hidden : nullptr);
         }
      }
      for (size_t r = 0; r < rows; ++r) {
         if (d.fLast[0])
            CopyLine(d.fLast[0] + (first + r) * s.fRowEnd, state + r * Hidden);
         if (Cell::kStates > 1 && d.fLast[1])
            CopyLine(d.fLast[1] + (first + r) * s.fRowEnd, memory + r * Hidden);
      }
   }
};

} // namespace Kernel
