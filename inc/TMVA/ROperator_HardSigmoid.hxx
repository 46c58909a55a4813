/// \file ROperator_HardSigmoid.hxx
/// \ingroup TMVA
/// \brief The operator HardSigmoid.

#ifndef TMVA_SOFIE_ROPERATOR_HARDSIGMOID
#define TMVA_SOFIE_ROPERATOR_HARDSIGMOID

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_HardSigmoid
/// \ingroup TMVA
/// \brief y = max(0, min(1, alpha x + beta)).
template <typename T>
class ROperator_HardSigmoid final : public RElementwise {
public:
   /// \param alpha the slope. \param beta the value at 0. \param nameX the input. \param nameY the output.
   ROperator_HardSigmoid(double alpha, double beta, std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "HardSigmoid",
                     Parametrised("HardSigmoid", GetTemplatedType<T>(), {alpha, beta}), std::move(nameX),
                     std::move(nameY), "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_HARDSIGMOID
