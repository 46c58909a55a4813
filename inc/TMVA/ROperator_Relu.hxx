/// \file ROperator_Relu.hxx
/// \ingroup TMVA
/// \brief The operator Relu.

#ifndef TMVA_SOFIE_ROPERATOR_RELU
#define TMVA_SOFIE_ROPERATOR_RELU

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Relu
/// \ingroup TMVA
/// \brief y = max(x, 0).
template <typename T>
class ROperator_Relu final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output.
   ROperator_Relu(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Relu", "Kernel::Relu{}", std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_RELU
