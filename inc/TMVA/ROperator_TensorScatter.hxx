/// \file ROperator_TensorScatter.hxx
/// \ingroup TMVA
/// \brief The operator TensorScatter.

#ifndef TMVA_SOFIE_ROPERATOR_TENSORSCATTER
#define TMVA_SOFIE_ROPERATOR_TENSORSCATTER

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_TensorScatter
/// \ingroup TMVA
/// \brief A cache with some of its runs along an axis renewed, from a place on that each batch has for itself.
class ROperator_TensorScatter final : public RIndexed {
private:
   std::string fNUpdate;
   int fAxis;
   bool fIsCircular;
   Dim fBatches, fOuter, fSize, fCount, fRun;

public:
   /// \param axis the axis. \param mode linear, or circular: behind the end follows the beginning. \param nameX the cache.
   /// \param nameUpdate what is new. \param nameIndices the places, or "" for the beginning. \param nameY the output.
   ROperator_TensorScatter(int axis, std::string mode, std::string nameX, std::string nameUpdate,
                           std::string nameIndices, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "TensorScatter"; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_TENSORSCATTER
