/// \file ROperator_Loop.hxx
/// \ingroup TMVA
/// \brief The operator Loop.

#ifndef TMVA_SOFIE_ROPERATOR_LOOP
#define TMVA_SOFIE_ROPERATOR_LOOP

#include "TMVA/SOFIE/RLoop.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Loop
/// \ingroup TMVA
/// \brief A body that runs a number of times, or while it says so.
class ROperator_Loop final : public RLoop {
public:
   using RLoop::RLoop;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_LOOP
