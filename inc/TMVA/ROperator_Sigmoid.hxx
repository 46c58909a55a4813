/// \file ROperator_Sigmoid.hxx
/// \ingroup TMVA
/// \brief The operator Sigmoid.

#ifndef TMVA_SOFIE_ROPERATOR_SIGMOID
#define TMVA_SOFIE_ROPERATOR_SIGMOID

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Sigmoid
/// \ingroup TMVA
/// \brief y = 1 / (1 + exp(-x)).
template <typename T>
class ROperator_Sigmoid final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output.
   ROperator_Sigmoid(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Sigmoid", "Kernel::SigmoidOf{}", std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SIGMOID
