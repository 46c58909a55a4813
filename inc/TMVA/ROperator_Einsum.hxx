/// \file ROperator_Einsum.hxx
/// \ingroup TMVA
/// \brief The operator Einsum.

#ifndef TMVA_SOFIE_ROPERATOR_EINSUM
#define TMVA_SOFIE_ROPERATOR_EINSUM

#include "TMVA/SOFIE/REinsum.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Einsum
/// \ingroup TMVA
/// \brief The sum of products that an equation such as `ij,jk->ik` names.
template <typename T>
class ROperator_Einsum final : public REinsum {
public:
   /// \param equation as in ONNX and numpy. \param namesX the inputs. \param nameY the output.
   ROperator_Einsum(std::string equation, std::vector<std::string> namesX, std::string nameY)
      : REinsum(GetTemplatedType<T>(), std::move(equation), std::move(namesX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_EINSUM
