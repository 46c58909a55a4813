/// \file ROperator_Scan.hxx
/// \ingroup TMVA
/// \brief The operator Scan.

#ifndef TMVA_SOFIE_ROPERATOR_SCAN
#define TMVA_SOFIE_ROPERATOR_SCAN

#include "TMVA/SOFIE/RLoop.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Scan
/// \ingroup TMVA
/// \brief A body that runs for each slice of its scanned inputs.
class ROperator_Scan final : public RLoop {
public:
   using RLoop::RLoop;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SCAN
