/// \file ROperator_GatherElements.hxx
/// \ingroup TMVA
/// \brief The operator GatherElements.

#ifndef TMVA_SOFIE_ROPERATOR_GATHERELEMENTS
#define TMVA_SOFIE_ROPERATOR_GATHERELEMENTS

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_GatherElements
/// \ingroup TMVA
/// \brief For each index, the element of x that has it as its place along an axis, and otherwise the index' own place.
class ROperator_GatherElements final : public RIndexed {
private:
   int fAxis;
   RAlong fAlong;

public:
   /// \param axis the axis. \param nameX the input. \param nameIndices the indices. \param nameY the output.
   ROperator_GatherElements(int axis, std::string nameX, std::string nameIndices, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "GatherElements"; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GATHERELEMENTS
