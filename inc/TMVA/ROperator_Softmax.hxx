/// \file ROperator_Softmax.hxx
/// \ingroup TMVA
/// \brief The operators Softmax and LogSoftmax.

#ifndef TMVA_SOFIE_ROPERATOR_SOFTMAX
#define TMVA_SOFIE_ROPERATOR_SOFTMAX

#include "TMVA/SOFIE/RSoftmax.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Softmax
/// \ingroup TMVA
/// \brief y = exp(x) / (sum of exp(x) along an axis), or its logarithm.
class ROperator_Softmax final : public RSoftmax {
public:
   /// \param axis the axis, from the end where it is negative. \param nameX the input. \param nameY the output.
   /// \param logSoftmax whether the logarithm is wanted. \param toTheEnd whether the axis and all after it are one, as before opset 13.
   ROperator_Softmax(std::int64_t axis, std::string nameX, std::string nameY, bool logSoftmax = false,
                     bool toTheEnd = false)
      : RSoftmax(logSoftmax ? ESoftmaxMode::kLogSoftmax : ESoftmaxMode::kSoftmax, axis, toTheEnd, std::move(nameX),
                 std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SOFTMAX
