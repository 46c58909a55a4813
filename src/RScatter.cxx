#include "TMVA/ROperator_ScatterElements.hxx"
#include "TMVA/ROperator_ScatterND.hxx"
#include "TMVA/ROperator_TensorScatter.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RCodeWriter.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

// --------------------------------------------------------------------------------------------- ScatterElements

ROperator_ScatterElements::ROperator_ScatterElements(std::string nameX, std::string nameI, std::string nameU,
                                                     std::string nameY, int axis, std::string reduction)
   : RIndexed(std::move(nameX), std::move(nameI), std::move(nameY)), fNUpdates(UTILITY::Clean_name(std::move(nameU))),
     fAxis(axis), fReduction(std::move(reduction))
{
   fInputTensorNames.push_back(fNUpdates);
}

void ROperator_ScatterElements::Initialize(RModel &model)
{
   RequireIndices(model);
   RequireTensor(model, fNUpdates, fType);
   fReduction = ReductionCode(fReduction);
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const shapeI = model.GetDimTensorShape(fNIndices);
   auto const shapeU = model.GetDimTensorShape(fNUpdates);
   if (!UTILITY::AreSameShape(shapeI, shapeU))
      Fail("indices " + fNIndices + " " + ConvertDimShapeToString(shapeI) + " for the updates " + fNUpdates + " " +
           ConvertDimShapeToString(shapeU));
   size_t const axis = AxisOf(fAxis, shapeX.size());
   RequireFitting(shapeX, shapeI, axis, fAxis);
   fAxis = static_cast<int>(axis);
   CheckIndices(model, shapeX[axis]);
   fAlong = Along(shapeX, shapeI, axis);
   fLength = ProductOfDims(shapeX);
   model.AddIntermediateTensor(fNY, fType, shapeX);
}

std::string ROperator_ScatterElements::Generate(std::string)
{
   return CallCode("ScatterElements", fIndexType + ", " + fReduction) + SizeArgument(fLength) + ", " + fAlong.Code() +
          ", tensor_" + fNX + ", tensor_" + fNIndices + ", tensor_" + fNUpdates + ", tensor_" + fNY + ", " +
          NameCode() + ");";
}

bool ROperator_ScatterElements::ActsOnRows(const std::vector<bool> &batched) const
{
   return fAxis != 0 && batched[0] && batched[1] && batched[2];
}

// --------------------------------------------------------------------------------------------------- ScatterND

ROperator_ScatterND::ROperator_ScatterND(std::string nameX, std::string nameI, std::string nameU, std::string nameY,
                                         std::string reduction)
   : RIndexed(std::move(nameX), std::move(nameI), std::move(nameY)), fNUpdates(UTILITY::Clean_name(std::move(nameU))),
     fReduction(std::move(reduction))
{
   fInputTensorNames.push_back(fNUpdates);
}

void ROperator_ScatterND::Initialize(RModel &model)
{
   RequireIndices(model);
   RequireTensor(model, fNUpdates, fType);
   fReduction = ReductionCode(fReduction);
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const shapeI = model.GetDimTensorShape(fNIndices);
   auto const shapeU = model.GetDimTensorShape(fNUpdates);
   std::string const shapes = fNX + " " + ConvertDimShapeToString(shapeX) + " by the indices " + fNIndices + " " +
                              ConvertDimShapeToString(shapeI);
   if (shapeI.empty() || shapeI.back().isParam || shapeI.back().dim > shapeX.size())
      Fail(shapes);
   size_t const depth = shapeI.back().dim;
   std::vector<Dim> expected(shapeI.begin(), shapeI.end() - 1);
   expected.insert(expected.end(), shapeX.begin() + static_cast<std::ptrdiff_t>(depth), shapeX.end());
   if (!UTILITY::AreSameShape(shapeU, expected))
      Fail(shapes + " takes updates " + ConvertDimShapeToString(expected) + ", not " + fNUpdates + " " +
           ConvertDimShapeToString(shapeU));
   fCount = ProductOfDims({shapeI.begin(), shapeI.end() - 1});
   fRun = ProductOfDims({shapeX.begin() + static_cast<std::ptrdiff_t>(depth), shapeX.end()});
   fLength = ProductOfDims(shapeX);
   fTuple = TupleCode(shapeX, 0, depth);
   model.AddIntermediateTensor(fNY, fType, shapeX);
}

std::string ROperator_ScatterND::Generate(std::string)
{
   return CallCode("ScatterND", fIndexType + ", " + fReduction) + fTuple + ", " + SizeArgument(fLength) + ", " +
          SizeArgument(fCount) + ", " + SizeArgument(fRun) + ", tensor_" + fNX + ", tensor_" + fNIndices + ", tensor_" +
          fNUpdates + ", tensor_" + fNY + ", " + NameCode() + ");";
}

// ----------------------------------------------------------------------------------------------- TensorScatter

ROperator_TensorScatter::ROperator_TensorScatter(int axis, std::string mode, std::string nameX, std::string nameUpdate,
                                                 std::string nameIndices, std::string nameY)
   : RIndexed(std::move(nameX), std::move(nameIndices), std::move(nameY)),
     fNUpdate(UTILITY::Clean_name(std::move(nameUpdate))), fAxis(axis), fIsCircular(mode == "circular")
{
   fInputTensorNames = {fNX, fNUpdate};
   if (!fNIndices.empty())
      fInputTensorNames.push_back(fNIndices);
   if (!fIsCircular && mode != "linear")
      Fail("the mode \"" + EscapeText(mode) + "\"; there are linear and circular");
}

void ROperator_TensorScatter::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   RequireTensor(model, fNUpdate, fType);
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const shapeU = model.GetDimTensorShape(fNUpdate);
   size_t const axis = AxisOf(fAxis, shapeX.size());
   auto shape = shapeU;
   if (axis < shape.size())
      shape[axis] = shapeX[axis];
   bool const isLonger =
      axis < shape.size() && !shapeU[axis].isParam && !shapeX[axis].isParam && shapeU[axis].dim > shapeX[axis].dim;
   if (axis == 0 || axis >= shapeX.size() || !UTILITY::AreSameShape(shape, shapeX) || isLonger)
      Fail("an update " + fNUpdate + " " + ConvertDimShapeToString(shapeU) + " along axis " + std::to_string(fAxis) +
           " of " + fNX + " " + ConvertDimShapeToString(shapeX));
   fBatches = shapeX[0];
   if (!fNIndices.empty()) {
      RequireTensor(model, fNIndices, ETensorType::INT64);
      auto const shapeI = model.GetDimTensorShape(fNIndices);
      if (!UTILITY::AreSameShape(shapeI, std::vector<Dim>{fBatches}))
         Fail("write indices " + fNIndices + " " + ConvertDimShapeToString(shapeI) + " for " + fBatches.GetVal() +
              " batches");
   }
   fAxis = static_cast<int>(axis);
   fOuter = ProductOfDims({shapeX.begin() + 1, shapeX.begin() + fAxis});
   fSize = shapeX[axis];
   fCount = shapeU[axis];
   fRun = ProductOfDims({shapeX.begin() + fAxis + 1, shapeX.end()});
   if (fSize != fCount && (fSize.isParam || fCount.isParam))
      fSizeChecks.push_back({fCount.GetVal() + " > " + fSize.GetVal(),
                             "TMVA-SOFIE: " + GetOpType() + (fOrigin.empty() ? "" : " at " + fOrigin) + ": " +
                                fCount.GetVal() + " new ones for a cache of " + fSize.GetVal()});
   model.AddIntermediateTensor(fNY, fType, shapeX);
}

std::string ROperator_TensorScatter::Generate(std::string)
{
   return CallCode("TensorScatter", fIsCircular ? "true" : "false") + SizeArgument(fBatches) + ", " +
          SizeArgument(fOuter) + ", " + SizeArgument(fSize) + ", " + SizeArgument(fCount) + ", " + SizeArgument(fRun) +
          ", tensor_" + fNX + ", tensor_" + fNUpdate + ", " +
          (fNIndices.empty() ? "static_cast<int64_t const *>(nullptr)" : "tensor_" + fNIndices) + ", tensor_" + fNY +
          ", " + NameCode() + ");";
}

bool ROperator_TensorScatter::ActsOnRows(const std::vector<bool> &batched) const
{
   return batched[0] && batched[1] && (fNIndices.empty() || batched[2]);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
