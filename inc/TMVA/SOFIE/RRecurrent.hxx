/// \file RRecurrent.hxx
/// \ingroup TMVA
/// \brief Recurrent networks.

#ifndef TMVA_SOFIE_RRECURRENT
#define TMVA_SOFIE_RRECURRENT

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RRecurrent
/// \ingroup TMVA
/// \brief ONNX's RNN, GRU and LSTM, complete: one call of the kernel Recurrent for each direction.
///
/// The weights are constants: they are packed when the Session is made.
class RRecurrent : public ROperator {
public:
   /// What a cell is made of.
   enum class ECell { kRNN, kGRU, kLSTM };

   /// ONNX's attributes, each with its default.
   struct RAttributes {
      std::vector<float> fAlpha;             ///< activation_alpha, of those functions that have one.
      std::vector<float> fBeta;              ///< activation_beta, likewise.
      std::vector<std::string> fActivations; ///< Empty, or for each direction those of one cell.
      double fClip = 0;                      ///< The largest argument of an activation; 0 for no limit.
      std::string fDirection;                ///< forward, reverse (or backward) or bidirectional.
      size_t fHidden = 0;                    ///< hidden_size; 0: that of the weights.
      size_t fLayout = 0;                    ///< 1: the batch is the first dimension.
      bool fIsCoupled = false;               ///< LSTM's input_forget.
      bool fIsBefore = false;                ///< GRU's linear_before_reset.
   };

   /// ONNX's inputs and outputs; "" for those left out.
   struct RTensors {
      std::string fX, fW, fR, fB, fLengths, fFirstH, fFirstC, fP;
      std::string fY, fLastH, fLastC;
   };

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override;
   std::vector<std::string> GetKernels() const override { return fKernels; }
   Dim GetFlops(const RModel &model) const override;
   std::vector<PackedWeight> GetPackedWeights() const override;
   std::set<std::string> GetPackedInputs() const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;

protected:
   /// The cell, its attributes and its tensors.
   RRecurrent(ETensorType type, ECell cell, RAttributes attributes, RTensors tensors);

private:
   ETensorType fType;
   ETensorType fPackedType = ETensorType::FLOAT; ///< Of W and R as they are packed.
   ECell fCell;
   RAttributes fAttributes;
   RTensors fTensors;
   std::vector<std::string> fFunctors;                ///< Of all directions, one after the other.
   std::vector<std::string> fKernels = {"Recurrent"}; ///< The files of kernels.
   size_t fDirections = 1;
   size_t fInputs = 0;
   Dim fSteps;
   Dim fRows;

   size_t Gates() const { return fCell == ECell::kRNN ? 1 : fCell == ECell::kGRU ? 3 : 4; }
   size_t Functions() const { return fCell == ECell::kRNN ? 1 : fCell == ECell::kGRU ? 2 : 3; }
   bool IsBackward(size_t direction) const { return direction == 1 || fAttributes.fDirection == "reverse"; }
   std::string Packed(const std::string &what, size_t direction) const;
   void SettleActivations();
   void SettleWeights(RModel &model, size_t inputs);
   void RequireShape(const RModel &model, const std::string &name, const std::vector<Dim> &shape) const;
   std::vector<Dim> StateShape() const;
   std::string CellCode(size_t direction) const;
   std::string DirectionCode(size_t direction) const;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RRECURRENT
