#include "TMVA/ROperator_MaxUnpool.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_MaxUnpool::ROperator_MaxUnpool(std::vector<size_t> kernelShape, std::vector<size_t> pads,
                                         std::vector<size_t> strides, std::vector<size_t> outputShape,
                                         std::string nameX, std::string nameIndices, std::string nameY)
   : fKernelShape(std::move(kernelShape)), fPads(std::move(pads)), fStrides(std::move(strides)),
     fOutputShape(std::move(outputShape)), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNIndices(UTILITY::Clean_name(std::move(nameIndices))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNIndices};
   fOutputTensorNames = {fNY};
}

void ROperator_MaxUnpool::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   RequireTensor(model, fNIndices, ETensorType::INT64);
   fType = model.GetTensorType(fNX);
   auto const shapeX = model.GetDimTensorShape(fNX);
   size_t const rank = shapeX.size() - 2;
   if (shapeX.size() < 3 || shapeX.size() > 5)
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) +
           " is not of an image dimension, channels, and 1 to 3 spatial dimensions");
   if (model.GetDimTensorShape(fNIndices) != shapeX)
      Fail("the indices " + fNIndices + " do not have the shape of " + fNX);
   if (fPads.empty())
      fPads.assign(2 * rank, 0);
   if (fStrides.empty())
      fStrides.assign(rank, 1);
   if (fKernelShape.size() != rank || fPads.size() != 2 * rank || fStrides.size() != rank)
      Fail("kernel_shape, pads or strides do not fit " + std::to_string(rank) + " spatial dimensions");
   fLength = ProductOfDims(shapeX);
   fShapeY = {shapeX[0], shapeX[1]};
   fPlaces = {MulDims(shapeX[0], shapeX[1])};
   for (size_t d = 0; d < rank; ++d) {
      Dim const spread =
         AddDims(MulDims(SubtractDims(shapeX[d + 2], Dim(size_t(1))), Dim(fStrides[d])), Dim(fKernelShape[d]));
      size_t const cut = fPads[d] + fPads[d + rank];
      if (!spread.isParam && (shapeX[d + 2].dim == 0 || spread.dim <= cut))
         Fail("nothing is left of spatial dimension " + std::to_string(d) + " but padding");
      fPlaces.push_back(SubtractDims(spread, Dim(cut)));
      fShapeY.push_back(fPlaces.back());
   }
   if (!fOutputShape.empty()) {
      if (fOutputShape.size() != fShapeY.size())
         Fail("output_shape " + ConvertShapeToString(fOutputShape) + " for " + std::to_string(fShapeY.size()) +
              " dimensions");
      for (size_t d = 0; d < fShapeY.size(); ++d) {
         bool const fits =
            !fShapeY[d].isParam && (d < 2 ? fOutputShape[d] == fShapeY[d].dim : fOutputShape[d] >= fShapeY[d].dim);
         if (!fits)
            Fail("output_shape " + ConvertShapeToString(fOutputShape) + " is less than " +
                 ConvertDimShapeToString(fShapeY));
      }
      fShapeY = ConvertShapeToDim(fOutputShape);
   }
   model.AddIntermediateTensor(fNY, fType, fShapeY);
}

std::string ROperator_MaxUnpool::Generate(std::string)
{
   // Planes, and three dimensions of each.
   auto strides = UTILITY::ComputeStrideFromShape(fShapeY);
   strides.erase(strides.begin());
   auto places = fPlaces;
   while (places.size() < 4) {
      places.insert(places.begin() + 1, Dim(size_t(1)));
      strides.insert(strides.begin() + 1, Dim(size_t(0)));
   }
   std::string sizes, steps;
   for (size_t d = 0; d < 4; ++d) {
      sizes += (d == 0 ? "" : ", ") + places[d].GetVal();
      steps += (d == 0 ? "" : ", ") + strides[d].GetVal();
   }
   return "Kernel::Isa<W>::template Call<Kernel::MaxUnpool<" + StorageType(fType) + ">>(size_t(" + fLength.GetVal() +
          "), tensor_" + fNX + ", tensor_" + fNIndices + ", Kernel::Places{{" + sizes + "}, {" + steps + "}}, size_t(" +
          ProductOfDims(fShapeY).GetVal() + "), tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
