/// \file RSoftmax.hxx
/// \ingroup TMVA
/// \brief The operators Softmax, LogSoftmax and Hardmax.

#ifndef TMVA_SOFIE_RSOFTMAX
#define TMVA_SOFIE_RSOFTMAX

#include "TMVA/ROperator.hxx"

#include <cstdint>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// What is made of the elements along an axis.
enum class ESoftmaxMode {
   kSoftmax,    ///< exp(x) / sum of exp(x).
   kLogSoftmax, ///< Its logarithm.
   kHardmax     ///< 1 for the first of the largest elements, 0 for the others.
};

/// \class RSoftmax
/// \ingroup TMVA
/// \brief Weights that the elements along an axis have.
class RSoftmax : public ROperator {
private:
   ESoftmaxMode fMode;
   std::int64_t fAxis;
   bool fToTheEnd; ///< Along the axis and all after it, as one.
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fOuter;
   Dim fLength;
   Dim fInner;

public:
   /// \param mode what is computed. \param axis the axis, from the end where it is negative. \param toTheEnd whether the axis and all after it
   /// are one, as before opset 13. \param nameX the input. \param nameY the output.
   RSoftmax(ESoftmaxMode mode, std::int64_t axis, bool toTheEnd, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override;
   std::vector<std::string> GetKernels() const override { return {"Softmax"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &) const override { return fAxis != 0; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RSOFTMAX
