/// \file ROperator_Expand.hxx
/// \ingroup TMVA
/// \brief The operator Expand.

#ifndef TMVA_SOFIE_ROPERATOR_EXPAND
#define TMVA_SOFIE_ROPERATOR_EXPAND

#include "TMVA/SOFIE/RRepeat.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Expand
/// \ingroup TMVA
/// \brief x broadcast together with a shape.
template <typename T>
class ROperator_Expand final : public RRepeat {
public:
   /// \param nameX the input. \param nameShape the tensor of the shape. \param nameY the output.
   ROperator_Expand(std::string nameX, std::string nameShape, std::string nameY)
      : RRepeat(GetTemplatedType<T>(), false, std::move(nameX), std::move(nameShape), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_EXPAND
