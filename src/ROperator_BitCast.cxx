#include "TMVA/ROperator_BitCast.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_BitCast::ROperator_BitCast(const std::string &type, std::string nameX, std::string nameY)
   : fType(ConvertStringToType(type)), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_BitCast::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   auto const typeX = model.GetTensorType(fNX);
   // Any byte but 0 and 1 would be no bool.
   if (GetTypeSize(fType) != GetTypeSize(typeX) || (fType == ETensorType::BOOL && typeX != fType))
      Fail("the bits of " + fNX + " of type " + ConvertTypeToString(typeX) + " are no " + ConvertTypeToString(fType));
   auto const shape = model.GetDimTensorShape(fNX);
   fLength = MulDims(ProductOfDims(shape), Dim(GetTypeSize(fType)));
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::string ROperator_BitCast::Generate(std::string)
{
   return "std::memcpy(tensor_" + fNY + ", tensor_" + fNX + ", " + fLength.GetVal() + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
