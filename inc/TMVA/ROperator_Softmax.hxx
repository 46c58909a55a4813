/// \file ROperator_Softmax.hxx
/// \ingroup TMVA
/// \brief The operators Softmax and LogSoftmax.

#ifndef TMVA_SOFIE_ROPERATOR_SOFTMAX
#define TMVA_SOFIE_ROPERATOR_SOFTMAX

#include "TMVA/ROperator.hxx"

#include <cstdint>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Softmax
/// \ingroup TMVA
/// \brief y = exp(x) / (sum of exp(x) along an axis), or its logarithm.
class ROperator_Softmax final : public ROperator {
private:
   std::int64_t fAxis;
   bool fIsLog;
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fOuter;
   Dim fLength;
   Dim fInner;

public:
   /// \param axis the axis, from the end where it is negative. \param nameX the input. \param nameY the output.
   /// \param logSoftmax whether the logarithm is wanted.
   ROperator_Softmax(std::int64_t axis, std::string nameX, std::string nameY, bool logSoftmax = false);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fIsLog ? "LogSoftmax" : "Softmax"; }
   std::vector<std::string> GetKernels() const override { return {"Softmax"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fAxis != 0; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SOFTMAX
