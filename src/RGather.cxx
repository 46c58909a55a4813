#include "TMVA/ROperator_Gather.hxx"
#include "TMVA/ROperator_GatherElements.hxx"
#include "TMVA/ROperator_GatherND.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

// ------------------------------------------------------------------------------------------------------ Gather

ROperator_Gather::ROperator_Gather(std::int64_t axis, std::string nameX, std::string nameIndices, std::string nameY)
   : RIndexed(std::move(nameX), std::move(nameIndices), std::move(nameY)), fAxis(axis)
{
}

void ROperator_Gather::Initialize(RModel &model)
{
   RequireIndices(model);
   fShapeX = model.GetDimTensorShape(fNX);
   size_t const axis = AxisOf(fAxis, fShapeX.size());
   if (axis >= fShapeX.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(fShapeX));
   fAxis = static_cast<std::int64_t>(axis);
   CheckIndices(model, fShapeX[axis]);
   auto const shapeI = model.GetDimTensorShape(fNIndices);
   fCount = ProductOfDims(shapeI);
   auto shapeY = fShapeX;
   shapeY.erase(shapeY.begin() + fAxis);
   shapeY.insert(shapeY.begin() + fAxis, shapeI.begin(), shapeI.end());
   model.AddIntermediateTensor(fNY, fType, shapeY);
}

std::string ROperator_Gather::Generate(std::string)
{
   return CallCode("Gather", fIndexType) + SizeArgument(ProductOfDims({fShapeX.begin(), fShapeX.begin() + fAxis})) +
          ", " + SizeArgument(fCount) + ", " + SizeArgument(fShapeX[static_cast<size_t>(fAxis)]) + ", " +
          SizeArgument(ProductOfDims({fShapeX.begin() + fAxis + 1, fShapeX.end()})) + ", tensor_" + fNX + ", tensor_" +
          fNIndices + ", tensor_" + fNY + ", " + NameCode() + ");";
}

bool ROperator_Gather::ActsOnRows(const std::vector<bool> &batched) const
{
   return fAxis == 0 ? !batched[0] : !batched[1];
}

// ---------------------------------------------------------------------------------------------- GatherElements

ROperator_GatherElements::ROperator_GatherElements(int axis, std::string nameX, std::string nameIndices,
                                                   std::string nameY)
   : RIndexed(std::move(nameX), std::move(nameIndices), std::move(nameY)), fAxis(axis)
{
}

void ROperator_GatherElements::Initialize(RModel &model)
{
   RequireIndices(model);
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const shapeY = model.GetDimTensorShape(fNIndices);
   size_t const axis = AxisOf(fAxis, shapeX.size());
   RequireFitting(shapeX, shapeY, axis, fAxis);
   fAxis = static_cast<int>(axis);
   CheckIndices(model, shapeX[axis]);
   fAlong = Along(shapeX, shapeY, axis);
   model.AddIntermediateTensor(fNY, fType, shapeY);
}

std::string ROperator_GatherElements::Generate(std::string)
{
   return CallCode("GatherElements", fIndexType) + fAlong.Code() + ", tensor_" + fNX + ", tensor_" + fNIndices +
          ", tensor_" + fNY + ", " + NameCode() + ");";
}

bool ROperator_GatherElements::ActsOnRows(const std::vector<bool> &batched) const
{
   return fAxis != 0 && batched[0] && batched[1];
}

// ---------------------------------------------------------------------------------------------------- GatherND

ROperator_GatherND::ROperator_GatherND(int batch_dims, std::string nameX, std::string nameIndices, std::string nameY)
   : RIndexed(std::move(nameX), std::move(nameIndices), std::move(nameY)), fBatchDims(batch_dims)
{
}

void ROperator_GatherND::Initialize(RModel &model)
{
   RequireIndices(model);
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const shapeI = model.GetDimTensorShape(fNIndices);
   std::string const shapes = fNX + " " + ConvertDimShapeToString(shapeX) + " by the indices " + fNIndices + " " +
                              ConvertDimShapeToString(shapeI);
   if (fBatchDims < 0 || static_cast<size_t>(fBatchDims) >= std::min(shapeX.size(), shapeI.size()))
      Fail("batch_dims " + std::to_string(fBatchDims) + " of " + shapes);
   auto const batch = static_cast<size_t>(fBatchDims);
   Dim const depth = shapeI.back();
   if (depth.isParam || depth.dim > shapeX.size() - batch)
      Fail(shapes + ": tuples of " + depth.GetVal());
   for (size_t d = 0; d < batch; ++d) {
      if (shapeX[d] != shapeI[d])
         Fail(shapes + ": they differ in dimension " + std::to_string(d));
   }
   auto const begin = [](const std::vector<Dim> &shape, size_t d) {
      return shape.begin() + static_cast<std::ptrdiff_t>(d);
   };
   std::vector<Dim> const slice(begin(shapeX, batch + depth.dim), shapeX.end());
   fBatches = ProductOfDims({shapeX.begin(), begin(shapeX, batch)});
   fCount = ProductOfDims({begin(shapeI, batch), shapeI.end() - 1});
   fSize = ProductOfDims({begin(shapeX, batch), shapeX.end()});
   fRun = ProductOfDims(slice);
   fTuple = TupleCode(shapeX, batch, depth.dim);
   std::vector<Dim> shapeY(shapeI.begin(), shapeI.end() - 1);
   shapeY.insert(shapeY.end(), slice.begin(), slice.end());
   model.AddIntermediateTensor(fNY, fType, shapeY);
}

std::string ROperator_GatherND::Generate(std::string)
{
   return CallCode("GatherND", fIndexType) + fTuple + ", " + SizeArgument(fBatches) + ", " + SizeArgument(fCount) +
          ", " + SizeArgument(fSize) + ", " + SizeArgument(fRun) + ", tensor_" + fNX + ", tensor_" + fNIndices +
          ", tensor_" + fNY + ", " + NameCode() + ");";
}

bool ROperator_GatherND::ActsOnRows(const std::vector<bool> &batched) const
{
   return fBatchDims > 0 ? batched[0] && batched[1] : !batched[0];
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
