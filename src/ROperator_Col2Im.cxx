#include "TMVA/ROperator_Col2Im.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Col2Im::ROperator_Col2Im(std::vector<size_t> imageShape, std::vector<size_t> blockShape,
                                   std::vector<size_t> dilations, std::vector<size_t> pads, std::vector<size_t> strides,
                                   std::string nameX, std::string nameY)
   : RWindow({"NOTSET", std::move(dilations), std::move(blockShape), std::move(pads), std::move(strides), false, true}),
     fImageShape(std::move(imageShape)), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_Col2Im::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType == ETensorType::BOOL)
      Fail("elements of type bool are not supported");
   auto const shapeX = model.GetDimTensorShape(fNX);
   if (shapeX.size() != 3 || shapeX[1].isParam)
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) +
           " is not of images, a known number of channels and elements, and windows");
   std::vector<Dim> shapeY = {shapeX[0], Dim(size_t(1))};
   for (size_t const size : fImageShape)
      shapeY.emplace_back(size);
   auto const windows = SettleWindow(fNX, shapeY);
   if (shapeX[1].dim % GetTaps() != 0 || ProductOfDims(windows) != shapeX[2])
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) + " does not have " +
           ProductOfDims(windows).GetVal() + " windows of " + std::to_string(GetTaps()) + " elements");
   shapeY[1] = Dim(shapeX[1].dim / GetTaps());
   fPlanes = MulDims(shapeY[0], shapeY[1]);
   model.AddIntermediateTensor(fNY, fType, shapeY);
}

std::string ROperator_Col2Im::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::Col2Im<" + ConvertTypeToString(fType) + ">>(size_t(" +
          fPlanes.GetVal() + "), " + WindowCode() + ", tensor_" + fNX + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
