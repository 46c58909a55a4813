#include "TMVA/ROperator_RoiAlign.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_RoiAlign::ROperator_RoiAlign(std::string mode, int halfPixel, size_t outputHeight, size_t outputWidth,
                                       size_t samplingRatio, double spatialScale, std::string nameX,
                                       std::string nameRegions, std::string nameImages, std::string nameY)
   : fMode(std::move(mode)), fIsHalf(halfPixel != 0), fRows(outputHeight), fColumns(outputWidth),
     fSamples(samplingRatio), fScale(spatialScale), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNRegions(UTILITY::Clean_name(std::move(nameRegions))), fNImages(UTILITY::Clean_name(std::move(nameImages))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNRegions, fNImages};
   fOutputTensorNames = {fNY};
}

void ROperator_RoiAlign::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   RequireTensor(model, fNRegions, fType);
   RequireTensor(model, fNImages, ETensorType::INT64);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   if (fMode != "avg" && fMode != "max")
      Fail("mode " + fMode + " is neither avg nor max");
   fShapeX = model.GetDimTensorShape(fNX);
   auto const shapeRegions = model.GetDimTensorShape(fNRegions);
   if (fShapeX.size() != 4 || shapeRegions.size() != 2 || shapeRegions[1] != Dim(size_t(4)))
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShapeX) + " with the regions " + fNRegions + " " +
           ConvertDimShapeToString(shapeRegions));
   fRegions = shapeRegions[0];
   if (model.GetDimTensorShape(fNImages) != std::vector<Dim>{fRegions})
      Fail("batch_indices " + fNImages + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNImages)) + " for " +
           fRegions.GetVal() + " regions");
   constexpr size_t kMost = size_t(1) << 20;
   if (fRows == 0 || fColumns == 0 || fRows > kMost || fColumns > kMost || fSamples > kMost)
      Fail("output_height " + std::to_string(fRows) + ", output_width " + std::to_string(fColumns) +
           " or sampling_ratio " + std::to_string(fSamples));
   if (fShapeX[2] == Dim(size_t(0)) || fShapeX[3] == Dim(size_t(0)))
      Fail("input tensor " + fNX + " is empty");
   model.AddIntermediateTensor(fNY, fType, std::vector<Dim>{fRegions, fShapeX[1], Dim(fRows), Dim(fColumns)});
}

std::string ROperator_RoiAlign::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   std::string sizes;
   for (auto const &size :
        {fRegions, fShapeX[0], fShapeX[1], fShapeX[2], fShapeX[3], Dim(fRows), Dim(fColumns), Dim(fSamples)})
      sizes += (sizes.empty() ? "" : ", ") + size.GetVal();
   return "Kernel::Isa<W>::template Call<Kernel::RoiAlign<" + type + (fMode == "max" ? ", true" : ", false") +
          ">>(Kernel::RoiSizes{" + sizes + "}, " + type + "(" + Literal(fScale, fType) + "), " +
          (fIsHalf ? "true" : "false") + ", tensor_" + fNX + ", tensor_" + fNRegions + ", tensor_" + fNImages +
          ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
