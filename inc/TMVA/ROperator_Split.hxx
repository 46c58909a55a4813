/// \file ROperator_Split.hxx
/// \ingroup TMVA
/// \brief The operator Split.

#ifndef TMVA_SOFIE_ROPERATOR_SPLIT
#define TMVA_SOFIE_ROPERATOR_SPLIT

#include "TMVA/SOFIE/RMove.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Split
/// \ingroup TMVA
/// \brief Parts of x, one after another along an axis.
class ROperator_Split final : public RMove {
private:
   std::string fNSplit;
   int fAxis;

   std::vector<Dim> Lengths(RModel &model, const Dim &size);

public:
   /// \param nameX the input. \param nameSplit the tensor of the parts' lengths; "" for equal ones, of which the last may be shorter.
   /// \param axis the axis. \param namesY the outputs.
   ROperator_Split(std::string nameX, std::string nameSplit, int axis, std::vector<std::string> namesY);

   void Initialize(RModel &model) override;
   std::string GetOpType() const override { return "Split"; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SPLIT
