/// \file ROperator_Resize.hxx
/// \ingroup TMVA
/// \brief The operators Resize and Upsample.

#ifndef TMVA_SOFIE_ROPERATOR_RESIZE
#define TMVA_SOFIE_ROPERATOR_RESIZE

#include "TMVA/ROperator.hxx"

#include <cstdint>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The attributes of Resize, as ONNX has them.
struct RAttributes_Resize {
   std::string mode = "nearest"; ///< nearest, linear or cubic.
   std::string coordinate_transformation_mode = "half_pixel";
   std::string nearest_mode = "round_prefer_floor";
   double cubic_coeff_a = -0.75;
   double extrapolation_value = 0; ///< Of tf_crop_and_resize.
   int antialias = 0;              ///< Whether a smaller result has shares of all elements.
   int exclude_outside = 0;        ///< Whether neighbours outside of the input have no share.
};

/// \class ROperator_Resize
/// \ingroup TMVA
/// \brief y of another size, read between the elements of x.
class ROperator_Resize final : public ROperator {
private:
   /// One dimension of x that is not as it was.
   struct RAxis {
      size_t fAxis;
      double fScale;
      double fBegin;
      double fEnd;
      int fFirst;
      size_t fTaps;
      double fWiden;
   };

   RAttributes_Resize fAttributes;
   std::vector<double> fScales;
   std::vector<size_t> fSizes;
   std::vector<double> fRegion;
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   std::vector<Dim> fShapeX;
   std::vector<Dim> fShapeY;
   std::vector<RAxis> fAxes;

   bool IsNearest() const { return fAttributes.mode == "nearest"; }
   void SettleAxis(size_t d);
   std::string RuleCode() const;
   std::vector<Dim> PassSizes(size_t number) const;

public:
   /// \param scales of each dimension the result's size by the input's. \param sizes of each dimension the result's size, or 0: the input's,
   /// scaled; empty: all 0. \param region of tf_crop_and_resize: where it begins in each dimension, then where it ends; else empty.
   ROperator_Resize(RAttributes_Resize attributes, std::vector<double> scales, std::vector<size_t> sizes,
                    std::vector<double> region, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Resize"; }
   std::vector<std::string> GetKernels() const override { return {"Resize"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &) const override { return fAxes.empty() || fAxes[0].fAxis > 0; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_RESIZE
