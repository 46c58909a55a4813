/// \file ROperator_ScatterElements.hxx
/// \ingroup TMVA
/// \brief The operator ScatterElements.

#ifndef TMVA_SOFIE_ROPERATOR_SCATTERELEMENTS
#define TMVA_SOFIE_ROPERATOR_SCATTERELEMENTS

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_ScatterElements
/// \ingroup TMVA
/// \brief x with other elements at places that are indices along an axis.
class ROperator_ScatterElements final : public RIndexed {
private:
   std::string fNUpdates;
   int fAxis;
   std::string fReduction;
   RAlong fAlong;
   Dim fLength;

public:
   /// \param nameX the input. \param nameI the indices. \param nameU the other elements. \param nameY the output.
   /// \param axis the axis. \param reduction how they join those of x: none, add, mul, max or min.
   ROperator_ScatterElements(std::string nameX, std::string nameI, std::string nameU, std::string nameY, int axis,
                             std::string reduction);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "ScatterElements"; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SCATTERELEMENTS
