#include "TMVA/ROperator_GridSample.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_GridSample::ROperator_GridSample(std::string mode, std::string padding, int alignCorners, std::string nameX,
                                           std::string nameGrid, std::string nameY)
   : fMode(std::move(mode)), fPadding(std::move(padding)), fAlignsCorners(alignCorners != 0),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNGrid(UTILITY::Clean_name(std::move(nameGrid))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNGrid};
   fOutputTensorNames = {fNY};
}

void ROperator_GridSample::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   RequireTensor(model, fNGrid, fType);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   if (fMode != "nearest" && fMode != "linear" && fMode != "cubic")
      Fail("mode " + fMode + " is none of nearest, linear and cubic");
   if (fPadding != "zeros" && fPadding != "border" && fPadding != "reflection")
      Fail("padding_mode " + fPadding + " is none of zeros, border and reflection");
   fShapeX = model.GetDimTensorShape(fNX);
   auto const shapeGrid = model.GetDimTensorShape(fNGrid);
   if (fShapeX.size() < 3 || fShapeX.size() > 5 || shapeGrid.size() != fShapeX.size() || shapeGrid[0] != fShapeX[0] ||
       shapeGrid.back() != Dim(fShapeX.size() - 2))
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShapeX) + " with the grid " + fNGrid + " " +
           ConvertDimShapeToString(shapeGrid) +
           ": there must be 1 to 3 spatial dimensions, and as many coordinates of as many images");
   for (size_t d = 2; d < fShapeX.size(); ++d) {
      if (fShapeX[d] == Dim(size_t(0)))
         Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShapeX) + " is empty");
   }
   std::vector<Dim> shapeY = {fShapeX[0], fShapeX[1]};
   shapeY.insert(shapeY.end(), shapeGrid.begin() + 1, shapeGrid.end() - 1);
   fPoints = ProductOfDims({shapeY.begin() + 2, shapeY.end()});
   model.AddIntermediateTensor(fNY, fType, shapeY);
}

std::string ROperator_GridSample::Generate(std::string)
{
   size_t const rank = fShapeX.size() - 2;
   std::string sizes;
   for (size_t d = 0; d < 3; ++d)
      sizes += ", size_t(" + (d < 3 - rank ? "1" : fShapeX[2 + d - (3 - rank)].GetVal()) + ")";
   std::string const beyond = fPadding == "zeros" ? "kZeros" : fPadding == "border" ? "kBorder" : "kReflection";
   std::string const taps = fMode == "nearest" ? "1" : fMode == "linear" ? "2" : "4";
   return "Kernel::Isa<W>::template Call<Kernel::GridSample<" + ConvertTypeToString(fType) + ", " +
          std::to_string(rank) + ", " + taps + ", Kernel::Outside::" + beyond + ", " +
          (fAlignsCorners ? "true" : "false") + ">>(size_t(" + fShapeX[0].GetVal() + "), size_t(" +
          fShapeX[1].GetVal() + "), size_t(" + fPoints.GetVal() + ")" + sizes + ", tensor_" + fNX + ", tensor_" +
          fNGrid + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
