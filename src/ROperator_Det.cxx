#include "TMVA/ROperator_Det.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Det::ROperator_Det(std::string nameX, std::string nameY)
   : fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_Det::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   auto shape = model.GetDimTensorShape(fNX);
   if (shape.size() < 2 || shape.back() != shape[shape.size() - 2])
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shape) + " is not of square matrices");
   fSize = shape.back();
   shape.resize(shape.size() - 2);
   fHasRows = !shape.empty();
   fMatrices = ProductOfDims(shape);
   model.AddIntermediateTensor(fNY, fType, shape);
   AddScratch(model, ETensorType::DOUBLE, MulDims(fSize, fSize));
}

std::string ROperator_Det::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::Determinant<" + ConvertTypeToString(fType) + ">>(size_t(" +
          fMatrices.GetVal() + "), size_t(" + fSize.GetVal() + "), tensor_" + fNX + ", tensor_" + fNY + ", tensor_" +
          fScratchTensorNames.at(0) + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
