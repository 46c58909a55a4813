/// \file ROperator_GatherND.hxx
/// \ingroup TMVA
/// \brief The operator GatherND.

#ifndef TMVA_SOFIE_ROPERATOR_GATHERND
#define TMVA_SOFIE_ROPERATOR_GATHERND

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_GatherND
/// \ingroup TMVA
/// \brief Slices of x by tuples of indices, which are the last dimension of the tensor of indices.
class ROperator_GatherND final : public RIndexed {
private:
   int fBatchDims;
   std::string fTuple;
   Dim fBatches, fCount, fSize, fRun;

public:
   /// \param batch_dims the number of leading dimensions that x and the indices share. \param nameX the input.
   /// \param nameIndices the indices. \param nameY the output.
   ROperator_GatherND(int batch_dims, std::string nameX, std::string nameIndices, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "GatherND"; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GATHERND
