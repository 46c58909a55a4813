/// \file ROperator_Gather.hxx
/// \ingroup TMVA
/// \brief The operator Gather.

#ifndef TMVA_SOFIE_ROPERATOR_GATHER
#define TMVA_SOFIE_ROPERATOR_GATHER

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Gather
/// \ingroup TMVA
/// \brief Slices of x along an axis, by their indices.
class ROperator_Gather final : public RIndexed {
private:
   std::int64_t fAxis;
   std::vector<Dim> fShapeX;
   Dim fCount; ///< The indices.

public:
   /// \param axis the axis. \param nameX the input. \param nameIndices the indices. \param nameY the output.
   ROperator_Gather(std::int64_t axis, std::string nameX, std::string nameIndices, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Gather"; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GATHER
