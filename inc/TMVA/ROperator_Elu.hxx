/// \file ROperator_Elu.hxx
/// \ingroup TMVA
/// \brief The operator Elu.

#ifndef TMVA_SOFIE_ROPERATOR_ELU
#define TMVA_SOFIE_ROPERATOR_ELU

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Elu
/// \ingroup TMVA
/// \brief y = x for x >= 0, else alpha (exp(x) - 1).
template <typename T>
class ROperator_Elu final : public RElementwise {
public:
   /// \param alpha the factor for negative x. \param nameX the input. \param nameY the output.
   ROperator_Elu(double alpha, std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Elu",
                     "Kernel::Elu<" + ConvertTypeToString(GetTemplatedType<T>()) + ">{" +
                        Literal(alpha, GetTemplatedType<T>()) + "}",
                     std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_ELU
