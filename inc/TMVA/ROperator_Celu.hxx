/// \file ROperator_Celu.hxx
/// \ingroup TMVA
/// \brief The operator Celu.

#ifndef TMVA_SOFIE_ROPERATOR_CELU
#define TMVA_SOFIE_ROPERATOR_CELU

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Celu
/// \ingroup TMVA
/// \brief y = x for x >= 0, else alpha (exp(x / alpha) - 1).
template <typename T>
class ROperator_Celu final : public RElementwise {
public:
   /// \param alpha where the exponential levels off, and how fast. \param nameX the input. \param nameY the output.
   ROperator_Celu(double alpha, std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Celu", Parametrised("Celu", GetTemplatedType<T>(), {alpha}),
                     std::move(nameX), std::move(nameY), "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CELU
