/// \file ROperator_OneHot.hxx
/// \ingroup TMVA
/// \brief The operator OneHot.

#ifndef TMVA_SOFIE_ROPERATOR_ONEHOT
#define TMVA_SOFIE_ROPERATOR_ONEHOT

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_OneHot
/// \ingroup TMVA
/// \brief For each index a vector along a new axis with one value at the index and another one elsewhere.
class ROperator_OneHot final : public RIndexed {
private:
   std::string fNDepth;
   std::string fNValues;
   int fAxis;
   Dim fOuter, fDepth, fInner;

public:
   /// \param axis the new axis. \param nameIndices the indices. \param nameDepth the tensor of the new dimension's size.
   /// \param nameValues the value elsewhere and that at the index. \param nameY the output.
   ROperator_OneHot(int axis, std::string nameIndices, std::string nameDepth, std::string nameValues,
                    std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "OneHot"; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_ONEHOT
