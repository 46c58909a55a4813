/// \file ROperator_ThresholdedRelu.hxx
/// \ingroup TMVA
/// \brief The operator ThresholdedRelu.

#ifndef TMVA_SOFIE_ROPERATOR_THRESHOLDEDRELU
#define TMVA_SOFIE_ROPERATOR_THRESHOLDEDRELU

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_ThresholdedRelu
/// \ingroup TMVA
/// \brief y = x for x > alpha, else 0.
template <typename T>
class ROperator_ThresholdedRelu final : public RElementwise {
public:
   /// \param alpha the threshold. \param nameX the input. \param nameY the output.
   ROperator_ThresholdedRelu(double alpha, std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "ThresholdedRelu",
                     Parametrised("ThresholdedRelu", GetTemplatedType<T>(), {alpha}), std::move(nameX),
                     std::move(nameY), "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_THRESHOLDEDRELU
