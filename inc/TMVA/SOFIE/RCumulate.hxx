/// \file RCumulate.hxx
/// \ingroup TMVA
/// \brief The operators CumSum and CumProd.

#ifndef TMVA_SOFIE_RCUMULATE
#define TMVA_SOFIE_RCUMULATE

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// What is made of the elements.
enum ECumulateMode { CumSum, CumProd };

/// \class RCumulate
/// \ingroup TMVA
/// \brief Sums or products of all elements up to each one along an axis. Those of floats are computed in double.
class RCumulate : public ROperator {
private:
   ETensorType fType;
   ECumulateMode fMode;
   std::int64_t fAxis = 0;
   bool fIsExclusive;
   bool fIsReverse;
   std::string fNX, fNAxis, fNY;
   Dim fOuter, fLength, fInner;

public:
   /// \param type the elements' type. \param mode sums or products. \param exclusive whether the element itself is left out.
   /// \param reverse whether those behind are taken. \param nameX the input. \param nameAxis the tensor of the axis. \param nameY the output.
   RCumulate(ETensorType type, ECumulateMode mode, int exclusive, int reverse, std::string nameX, std::string nameAxis,
             std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fMode == CumSum ? "CumSum" : "CumProd"; }
   std::vector<std::string> GetKernels() const override { return {"Cumulate"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &) const override { return fAxis > 0; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCUMULATE
