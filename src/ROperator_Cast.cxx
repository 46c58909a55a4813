#include "TMVA/ROperator_Cast.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Cast::ROperator_Cast(ETensorType type, std::string nameX, std::string nameY)
   : fType(type), fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
   if (GetTypeSize(type) == 0)
      Fail("elements of type " + ConvertTypeToString(type) + " are not supported");
}

ROperator_Cast::ROperator_Cast(std::string type, std::string nameX, std::string nameY)
   : ROperator_Cast(ConvertStringToType(type), std::move(nameX), std::move(nameY))
{
}

void ROperator_Cast::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fTypeX = model.GetTensorType(fNX);
   auto const shape = model.GetDimTensorShape(fNX);
   fLength = ProductOfDims(shape);
   fIsView = fTypeX == fType;
   if (fIsView)
      fIsOutputConstant = AddView(model, fNX, fNY, shape);
   else
      model.AddIntermediateTensor(fNY, fType, shape);
}

std::string ROperator_Cast::Generate(std::string)
{
   if (fIsView)
      return "";
   auto const element = [](ETensorType type) -> std::string {
      switch (type) {
      case ETensorType::FLOAT16: return "Kernel::Float16";
      case ETensorType::BFLOAT16: return "Kernel::BFloat16";
      default: return StorageType(type);
      }
   };
   return "Kernel::Isa<W>::template Call<Kernel::Cast<" + element(fTypeX) + ", " +
          (fType == ETensorType::BOOL ? "Kernel::Truth" : element(fType)) + ">>(" + SizeArgument(fLength) +
          ", tensor_" + fNX + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
