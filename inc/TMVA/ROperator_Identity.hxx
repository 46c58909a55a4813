/// \file ROperator_Identity.hxx
/// \ingroup TMVA
/// \brief The operator Identity.

#ifndef TMVA_SOFIE_ROPERATOR_IDENTITY
#define TMVA_SOFIE_ROPERATOR_IDENTITY

#include "TMVA/SOFIE/RIdentity.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Identity
/// \ingroup TMVA
/// \brief y = x.
template <typename T>
class ROperator_Identity final : public RIdentity {
public:
   using RIdentity::RIdentity;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_IDENTITY
