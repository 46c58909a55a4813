#include "TMVA/ROperator_EyeLike.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_EyeLike::ROperator_EyeLike(int dtype, int k, std::string nameX, std::string nameY)
   : fType(static_cast<ETensorType>(dtype)), fK(k), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fOutputTensorNames = {fNY};
}

void ROperator_EyeLike::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   if (fType == ETensorType::UNDEFINED)
      fType = model.GetTensorType(fNX);
   if (GetTypeSize(fType) == 0)
      Fail("the type " + std::to_string(static_cast<int>(fType)));
   fShape = model.GetDimTensorShape(fNX);
   if (fShape.size() != 2)
      Fail(fNX + " " + ConvertDimShapeToString(fShape) + " is no matrix");
   model.AddIntermediateTensor(fNY, fType, fShape);
}

std::string ROperator_EyeLike::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::Eye<" + StorageType(fType) + ">>(" + SizeArgument(fShape[0]) + ", " +
          SizeArgument(fShape[1]) + ", " + std::to_string(fK) + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
