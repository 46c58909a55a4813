/// \file ROperator_Tanh.hxx
/// \ingroup TMVA
/// \brief The operator Tanh.

#ifndef TMVA_SOFIE_ROPERATOR_TANH
#define TMVA_SOFIE_ROPERATOR_TANH

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Tanh
/// \ingroup TMVA
/// \brief y = tanh(x).
template <typename T>
class ROperator_Tanh final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output.
   ROperator_Tanh(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Tanh", "Kernel::TanhOf{}", std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_TANH
