/// \file ROperator_GridSample.hxx
/// \ingroup TMVA
/// \brief The operator GridSample.

#ifndef TMVA_SOFIE_ROPERATOR_GRIDSAMPLE
#define TMVA_SOFIE_ROPERATOR_GRIDSAMPLE

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_GridSample
/// \ingroup TMVA
/// \brief y = x read at the places of a grid.
class ROperator_GridSample final : public ROperator {
private:
   std::string fMode;
   std::string fPadding;
   bool fAlignsCorners;
   std::string fNX;
   std::string fNGrid;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   std::vector<Dim> fShapeX;
   Dim fPoints;

public:
   /// \param mode nearest, linear or cubic. \param padding zeros, border or reflection. \param alignCorners whether -1 and 1 are the middles of
   /// the outermost elements. \param nameX images x channels x 1 to 3 dimensions. \param nameGrid images x any dimensions x coordinates.
   ROperator_GridSample(std::string mode, std::string padding, int alignCorners, std::string nameX,
                        std::string nameGrid, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "GridSample"; }
   std::vector<std::string> GetKernels() const override { return {"GridSample"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &batched) const override { return batched[0] && batched[1]; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GRIDSAMPLE
