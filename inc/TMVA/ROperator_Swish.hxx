/// \file ROperator_Swish.hxx
/// \ingroup TMVA
/// \brief The operator Swish.

#ifndef TMVA_SOFIE_ROPERATOR_SWISH
#define TMVA_SOFIE_ROPERATOR_SWISH

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Swish
/// \ingroup TMVA
/// \brief y = x sigmoid(alpha x).
template <typename T>
class ROperator_Swish final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output. \param alpha the factor inside.
   ROperator_Swish(std::string nameX, std::string nameY, double alpha = 1)
      : RElementwise(GetTemplatedType<T>(), "Swish", Parametrised("Swish", GetTemplatedType<T>(), {alpha}),
                     std::move(nameX), std::move(nameY), "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SWISH
