/// \file ROperator_Gelu.hxx
/// \ingroup TMVA
/// \brief The operator Gelu.

#ifndef TMVA_SOFIE_ROPERATOR_GELU
#define TMVA_SOFIE_ROPERATOR_GELU

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Gelu
/// \ingroup TMVA
/// \brief y = x / 2 (1 + erf(x / sqrt(2))), or its approximation by tanh.
template <typename T>
class ROperator_Gelu final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output. \param approximate "none" or "tanh".
   ROperator_Gelu(std::string nameX, std::string nameY, const std::string &approximate = "none")
      : RElementwise(GetTemplatedType<T>(), "Gelu", approximate == "tanh" ? "Kernel::GeluByTanh{}" : "Kernel::Gelu{}",
                     std::move(nameX), std::move(nameY), "Functions")
   {
      if (approximate != "tanh" && approximate != "none")
         Fail("the approximation " + approximate + " is neither none nor tanh");
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GELU
