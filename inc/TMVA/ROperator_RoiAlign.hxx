/// \file ROperator_RoiAlign.hxx
/// \ingroup TMVA
/// \brief The operator RoiAlign.

#ifndef TMVA_SOFIE_ROPERATOR_ROIALIGN
#define TMVA_SOFIE_ROPERATOR_ROIALIGN

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_RoiAlign
/// \ingroup TMVA
/// \brief Regions of images, each made a small image of the same size.
class ROperator_RoiAlign final : public ROperator {
private:
   std::string fMode;
   bool fIsHalf;
   size_t fRows;
   size_t fColumns;
   size_t fSamples;
   double fScale;
   std::string fNX;
   std::string fNRegions;
   std::string fNImages;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   std::vector<Dim> fShapeX;
   Dim fRegions;

public:
   /// \param mode avg or max. \param halfPixel whether half an element is taken from the coordinates. \param outputHeight, outputWidth what each
   /// region becomes. \param samplingRatio places that are read for one element in each dimension; 0: as many as fall on it.
   /// \param spatialScale of the coordinates. \param nameRegions regions x (left, top, right, bottom). \param nameImages of each region its image.
   ROperator_RoiAlign(std::string mode, int halfPixel, size_t outputHeight, size_t outputWidth, size_t samplingRatio,
                      double spatialScale, std::string nameX, std::string nameRegions, std::string nameImages,
                      std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "RoiAlign"; }
   std::vector<std::string> GetKernels() const override { return {"RoiAlign"}; }
   bool ActsOnRows(const std::vector<bool> &batched) const override
   {
      return !batched[0] && batched[1] && batched[2]; // each region is a row
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_ROIALIGN
