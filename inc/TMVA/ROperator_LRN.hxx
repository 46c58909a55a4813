/// \file ROperator_LRN.hxx
/// \ingroup TMVA
/// \brief The operator LRN.

#ifndef TMVA_SOFIE_ROPERATOR_LRN
#define TMVA_SOFIE_ROPERATOR_LRN

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_LRN
/// \ingroup TMVA
/// \brief y = x / (bias + alpha / size * the sum of the squares of `size` neighbouring channels) ^ beta.
class ROperator_LRN final : public ROperator {
private:
   double fAlpha;
   double fBeta;
   double fBias;
   size_t fSize;
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   std::vector<Dim> fShape;

public:
   /// \param size the neighbouring channels, itself included. \param nameX images x channels x any dimensions.
   ROperator_LRN(double alpha, double beta, double bias, size_t size, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "LRN"; }
   std::vector<std::string> GetKernels() const override { return {"LayerNorm"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &) const override { return true; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_LRN
