/// \file ROperator_Not.hxx
/// \ingroup TMVA
/// \brief The operator Not.

#ifndef TMVA_SOFIE_ROPERATOR_NOT
#define TMVA_SOFIE_ROPERATOR_NOT

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Not
/// \ingroup TMVA
/// \brief y = not x, of truth values.
class ROperator_Not final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output.
   ROperator_Not(std::string nameX, std::string nameY)
      : RElementwise(ETensorType::BOOL, "Not", "Kernel::Not{}", std::move(nameX), std::move(nameY), "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_NOT
