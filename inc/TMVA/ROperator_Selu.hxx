/// \file ROperator_Selu.hxx
/// \ingroup TMVA
/// \brief The operator Selu.

#ifndef TMVA_SOFIE_ROPERATOR_SELU
#define TMVA_SOFIE_ROPERATOR_SELU

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Selu
/// \ingroup TMVA
/// \brief y = gamma x for x > 0, else gamma alpha (exp(x) - 1), with the paper's alpha and gamma (arXiv:1706.02515), whose nearest floats are ONNX's defaults.
template <typename T>
class ROperator_Selu final : public RElementwise {
public:
   /// \param nameX the input. \param nameY the output.
   ROperator_Selu(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Selu",
                     "Kernel::Selu<" + ConvertTypeToString(GetTemplatedType<T>()) + ">{" +
                        Literal(1.6732632423543772, GetTemplatedType<T>()) + ", " +
                        Literal(1.0507009873554805, GetTemplatedType<T>()) + "}",
                     std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SELU
