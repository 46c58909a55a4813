/// \file ROperator_Erf.hxx
/// \ingroup TMVA
/// \brief The operator Erf.

#ifndef TMVA_SOFIE_ROPERATOR_ERF
#define TMVA_SOFIE_ROPERATOR_ERF

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Erf
/// \ingroup TMVA
/// \brief y = erf(x).
template <typename T>
class ROperator_Erf final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output.
   ROperator_Erf(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Erf", "Kernel::Erf{}", std::move(nameX), std::move(nameY), "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_ERF
