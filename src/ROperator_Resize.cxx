#include "TMVA/ROperator_Resize.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

const std::map<std::string, std::string> kCoordinates = {
   {"half_pixel", "kHalfPixel"},
   {"half_pixel_symmetric", "kHalfPixelSymmetric"},
   {"pytorch_half_pixel", "kPytorchHalfPixel"},
   {"tf_half_pixel_for_nn", "kHalfPixelForNearest"},
   {"align_corners", "kAlignCorners"},
   {"asymmetric", "kAsymmetric"},
   {"tf_crop_and_resize", "kCropAndResize"},
};
const std::map<std::string, std::string> kRounding = {
   {"round_prefer_floor", "kRoundPreferFloor"},
   {"round_prefer_ceil", "kRoundPreferCeil"},
   {"floor", "kFloor"},
   {"ceil", "kCeil"},
};

} // namespace

ROperator_Resize::ROperator_Resize(RAttributes_Resize attributes, std::vector<double> scales, std::vector<size_t> sizes,
                                   std::vector<double> region, std::string nameX, std::string nameY)
   : fAttributes(std::move(attributes)), fScales(std::move(scales)), fSizes(std::move(sizes)),
     fRegion(std::move(region)), fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_Resize::SettleAxis(size_t d)
{
   double const scale = fScales[d];
   Dim const &in = fShapeX[d];
   if (!(scale > 0) || scale > 1e6)
      Fail("the scale " + ConvertValToString(scale) + " of dimension " + std::to_string(d));
   Dim out = in;
   if (!fSizes.empty() && fSizes[d] > 0) {
      out = Dim(fSizes[d]);
   } else if (!in.isParam) {
      out = Dim(static_cast<size_t>(std::floor(static_cast<double>(in.dim) * scale)));
   } else if (scale >= 1 && scale == std::floor(scale)) {
      out = MulDims(in, Dim(static_cast<size_t>(scale)));
   } else {
      double const part = std::floor(1 / scale + 0.5);
      if (scale * part != 1)
         Fail("the scale " + ConvertValToString(scale) + " of the named dimension " + in.GetVal() +
              " is neither a whole number nor a part of one");
      out = DivDims(in, Dim(static_cast<size_t>(part)));
   }
   if (!in.isParam && in.dim == 0)
      Fail("input tensor " + fNX + " is empty");
   if (!out.isParam && (out.dim == 0 || out.dim > size_t(std::numeric_limits<std::int32_t>::max())))
      Fail("the size " + out.GetVal() + " of dimension " + std::to_string(d));
   fShapeY.push_back(out);
   bool const isCrop = fAttributes.coordinate_transformation_mode == "tf_crop_and_resize";
   double const begin = isCrop ? fRegion[d] : 0;
   double const end = isCrop ? fRegion[d + fShapeX.size()] : 1;
   if (scale == 1 && out == in && begin == 0 && end == 1)
      return;
   if (out.isParam && !in.isParam)
      Fail("a named size of dimension " + std::to_string(d));
   double const widen = fAttributes.antialias != 0 && scale < 1 ? scale : 1;
   double const reach = fAttributes.mode == "cubic" ? 2 : 1;
   if (reach / widen > 1e6)
      Fail("antialias with the scale " + ConvertValToString(scale));
   int const first = IsNearest() ? 0 : static_cast<int>(std::floor(-reach / widen)) + 1;
   fAxes.push_back({d, scale, begin, end, first, IsNearest() ? 1 : static_cast<size_t>(2 - 2 * first), widen});
}

void ROperator_Resize::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   fShapeX = model.GetDimTensorShape(fNX);
   auto const &mode = fAttributes.mode;
   if (mode != "nearest" && mode != "linear" && mode != "cubic")
      Fail("mode " + mode + " is none of nearest, linear and cubic");
   if (kCoordinates.count(fAttributes.coordinate_transformation_mode) == 0)
      Fail("coordinate_transformation_mode " + fAttributes.coordinate_transformation_mode + " is not supported");
   if (kRounding.count(fAttributes.nearest_mode) == 0)
      Fail("nearest_mode " + fAttributes.nearest_mode + " is not supported");
   if (!IsNearest() && fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " with mode " + mode + " are not supported");
   if (fScales.size() != fShapeX.size() || (!fSizes.empty() && fSizes.size() != fShapeX.size()))
      Fail("scales or sizes do not fit " + fNX + " " + ConvertDimShapeToString(fShapeX));
   if (fAttributes.coordinate_transformation_mode == "tf_crop_and_resize" && fRegion.size() != 2 * fShapeX.size())
      Fail("the region does not fit " + fNX + " " + ConvertDimShapeToString(fShapeX));
   for (size_t d = 0; d < fShapeX.size(); ++d)
      SettleAxis(d);
   if (fAxes.empty()) {
      fIsOutputConstant = AddView(model, fNX, fNY, fShapeY);
      return;
   }
   model.AddIntermediateTensor(fNY, fType, fShapeY);
   Dim neighbours(size_t(0));
   Dim between(size_t(1));
   for (size_t i = 0; i < fAxes.size(); ++i) {
      neighbours = AddDims(neighbours, MulDims(fShapeY[fAxes[i].fAxis], Dim(fAxes[i].fTaps)));
      auto const sizes = PassSizes(i);
      if (i + 1 < fAxes.size())
         between = AddDims(between, ProductOfDims({sizes[0], sizes[2], sizes[3]}));
   }
   AddScratch(model, ETensorType::INT64, neighbours);
   AddScratch(model, fType, neighbours);
   AddScratch(model, fType, between);
}

/// The sizes of one step: before the axis, its own before and behind the step, and behind the axis; of all before it, those that come out.
std::vector<Dim> ROperator_Resize::PassSizes(size_t number) const
{
   auto const first = static_cast<std::ptrdiff_t>(fAxes[0].fAxis);
   auto const at = static_cast<std::ptrdiff_t>(fAxes[number].fAxis);
   return {ProductOfDims({fShapeY.begin() + first, fShapeY.begin() + at}), fShapeX[fAxes[number].fAxis],
           fShapeY[fAxes[number].fAxis], ProductOfDims({fShapeX.begin() + at + 1, fShapeX.end()})};
}

std::string ROperator_Resize::RuleCode() const
{
   std::string const interpolation = fAttributes.mode == "linear"  ? "kLinear"
                                     : fAttributes.mode == "cubic" ? "kCubic"
                                                                   : kRounding.at(fAttributes.nearest_mode);
   return "Kernel::ResizeRule{Kernel::Interpolation::" + interpolation +
          ", Kernel::Coordinates::" + kCoordinates.at(fAttributes.coordinate_transformation_mode) + ", " +
          ConvertValToString(fAttributes.cubic_coeff_a) + ", " + ConvertValToString(fAttributes.extrapolation_value) +
          ", " + (fAttributes.exclude_outside != 0 ? "true" : "false") + "}";
}

std::string ROperator_Resize::Generate(std::string)
{
   if (fAxes.empty())
      return "";
   std::string axes;
   for (size_t i = 0; i < fAxes.size(); ++i) {
      auto const &axis = fAxes[i];
      axes += axes.empty() ? "{" : ", {";
      for (auto const &size : PassSizes(i))
         axes += size.GetVal() + ", ";
      axes += ConvertValToString(axis.fScale) + ", " + ConvertValToString(axis.fBegin) + ", " +
              ConvertValToString(axis.fEnd) + ", " + std::to_string(axis.fFirst) + ", " + std::to_string(axis.fTaps) +
              ", " + ConvertValToString(axis.fWiden) + "}";
   }
   auto const planes = ProductOfDims({fShapeX.begin(), fShapeX.begin() + static_cast<std::ptrdiff_t>(fAxes[0].fAxis)});
   return "Kernel::Isa<W>::template Call<Kernel::Resize<" + StorageType(fType) + (IsNearest() ? ", true" : ", false") +
          ">>(size_t(" + planes.GetVal() + "), " + RuleCode() + ", Kernel::ResizeAxes<" + std::to_string(fAxes.size()) +
          ">{{" + axes + "}}, tensor_" + fNX + ", tensor_" + fNY + ", tensor_" + fScratchTensorNames.at(0) +
          ", tensor_" + fScratchTensorNames.at(1) + ", tensor_" + fScratchTensorNames.at(2) + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
