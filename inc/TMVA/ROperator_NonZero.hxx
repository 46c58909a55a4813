/// \file ROperator_NonZero.hxx
/// \ingroup TMVA
/// \brief The operator NonZero.

#ifndef TMVA_SOFIE_ROPERATOR_NONZERO
#define TMVA_SOFIE_ROPERATOR_NONZERO

#include "TMVA/SOFIE/RNonZero.hxx"

#include <string>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_NonZero
/// \ingroup TMVA
/// \brief The indices of all elements that are not 0: (rank, as many as there are).
template <typename T>
class ROperator_NonZero final : public RNonZero {
public:
   /// \param nameX the input. \param nameY the output, int64.
   ROperator_NonZero(std::string nameX, std::string nameY)
      : RNonZero(GetTemplatedType<T>(), std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_NONZERO
