/// \file RBatchNormalization.hxx
/// \ingroup TMVA
/// \brief Normalisation by statistics that are known.

#ifndef TMVA_SOFIE_RBATCHNORMALIZATION
#define TMVA_SOFIE_RBATCHNORMALIZATION

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RBatchNormalization
/// \ingroup TMVA
/// \brief Y = (X - mean) / sqrt(variance + epsilon) * scale + B for each channel (ONNX's BatchNormalization at inference).
///
/// Statistics that are weights become one factor and one shift a channel when the Session is made, others in every call.
class RBatchNormalization : public ROperator {
private:
   ETensorType fType;
   double fEpsilon;
   std::string fNX;
   std::vector<std::string> fNStatistics; ///< Scale, B, mean, variance.
   std::string fNY;
   std::string fFunctor; ///< Applied to the result.
   std::string fOpType = "BatchNormalization";
   bool fIsPacked = false;
   std::vector<Dim> fShape;

   std::string StatisticsCode() const;

public:
   /// \param activation applied to the result.
   RBatchNormalization(ETensorType type, double epsilon, size_t trainingMode, std::string nameX, std::string nameScale,
                       std::string nameB, std::string nameMean, std::string nameVar, std::string nameY,
                       EActivationType activation);

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override { return {"BatchNormalization"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   std::vector<PackedWeight> GetPackedWeights() const override;
   std::set<std::string> GetPackedInputs() const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   bool FuseEpilogue(const ROperator &next) override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RBATCHNORMALIZATION
