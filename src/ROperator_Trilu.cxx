#include "TMVA/ROperator_Trilu.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Trilu::ROperator_Trilu(int upper, std::string nameX, std::string nameK, std::string nameY)
   : fIsUpper(upper != 0), fNX(UTILITY::Clean_name(std::move(nameX))), fNK(UTILITY::Clean_name(std::move(nameK))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_Trilu::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   fShape = model.GetDimTensorShape(fNX);
   if (fShape.size() < 2)
      Fail(fNX + " " + ConvertDimShapeToString(fShape) + " has no matrices");
   if (fNK.empty()) {
      fK = "0";
   } else {
      RequireTensor(model, fNK, ETensorType::INT64);
      if (ProductOfDims(model.GetDimTensorShape(fNK)) != Dim(size_t(1)))
         Fail("the diagonal " + fNK + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNK)) +
              " is not one number");
      fK = ScalarLiteral(model, fNK);
      if (fK.empty()) {
         fK = "*tensor_" + fNK;
         fInputTensorNames.push_back(fNK);
      }
   }
   model.AddIntermediateTensor(fNY, fType, fShape);
}

std::string ROperator_Trilu::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::Trilu<" + StorageType(fType) +
          (fIsUpper ? ", true>>(" : ", false>>(") + SizeArgument(ProductOfDims({fShape.begin(), fShape.end() - 2})) +
          ", " + SizeArgument(*(fShape.end() - 2)) + ", " + SizeArgument(fShape.back()) + ", " + fK + ", tensor_" +
          fNX + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
