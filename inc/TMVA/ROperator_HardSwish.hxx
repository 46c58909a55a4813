/// \file ROperator_HardSwish.hxx
/// \ingroup TMVA
/// \brief The operator HardSwish.

#ifndef TMVA_SOFIE_ROPERATOR_HARDSWISH
#define TMVA_SOFIE_ROPERATOR_HARDSWISH

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_HardSwish
/// \ingroup TMVA
/// \brief y = x max(0, min(1, x / 6 + 1/2)).
template <typename T>
class ROperator_HardSwish final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output.
   ROperator_HardSwish(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "HardSwish", "Kernel::HardSwish{}", std::move(nameX), std::move(nameY),
                     "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_HARDSWISH
