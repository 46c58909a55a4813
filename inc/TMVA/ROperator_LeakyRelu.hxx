/// \file ROperator_LeakyRelu.hxx
/// \ingroup TMVA
/// \brief The operator LeakyRelu.

#ifndef TMVA_SOFIE_ROPERATOR_LEAKYRELU
#define TMVA_SOFIE_ROPERATOR_LEAKYRELU

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_LeakyRelu
/// \ingroup TMVA
/// \brief y = x for x >= 0, else alpha x.
template <typename T>
class ROperator_LeakyRelu final : public RElementwise {
public:
   /// \param alpha the factor for negative x. \param nameX the input. \param nameY the output.
   ROperator_LeakyRelu(double alpha, std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "LeakyRelu",
                     "Kernel::LeakyRelu<" + ConvertTypeToString(GetTemplatedType<T>()) + ">{" +
                        Literal(alpha, GetTemplatedType<T>()) + "}",
                     std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_LEAKYRELU
