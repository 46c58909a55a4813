/// \file ROperator_Det.hxx
/// \ingroup TMVA
/// \brief The operator Det.

#ifndef TMVA_SOFIE_ROPERATOR_DET
#define TMVA_SOFIE_ROPERATOR_DET

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Det
/// \ingroup TMVA
/// \brief The determinant of each matrix, which the last two dimensions are.
class ROperator_Det final : public ROperator {
private:
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fMatrices;
   Dim fSize;
   bool fHasRows = false;

public:
   /// \param nameX the matrices. \param nameY their determinants.
   ROperator_Det(std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Det"; }
   std::vector<std::string> GetKernels() const override { return {"Determinant"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fHasRows; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_DET
