#include "TMVA/ROperator_LRN.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_LRN::ROperator_LRN(double alpha, double beta, double bias, size_t size, std::string nameX, std::string nameY)
   : fAlpha(alpha), fBeta(beta), fBias(bias), fSize(size), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_LRN::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   fShape = model.GetDimTensorShape(fNX);
   if (fShape.size() < 2)
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShape) + " is not of images and channels");
   if (fSize == 0 || fSize > (size_t(1) << 31))
      Fail("size " + std::to_string(fSize) + " is no number of channels");
   model.AddIntermediateTensor(fNY, fType, fShape);
}

std::string ROperator_LRN::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   auto const number = [&](double value) { return type + "(" + Literal(value, fType) + ")"; };
   return "Kernel::Isa<W>::template Call<Kernel::LocalResponse<" + type + ">>(size_t(" + fShape[0].GetVal() +
          "), size_t(" + fShape[1].GetVal() + "), size_t(" +
          ProductOfDims({fShape.begin() + 2, fShape.end()}).GetVal() + "), size_t(" + std::to_string((fSize - 1) / 2) +
          "), size_t(" + std::to_string(fSize / 2) + "), " + number(fAlpha / double(fSize)) + ", " + number(fBeta) +
          ", " + number(fBias) + ", tensor_" + fNX + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
