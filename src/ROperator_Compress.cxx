#include "TMVA/ROperator_Compress.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Compress::ROperator_Compress(bool hasAxis, int axis, std::string nameX, std::string nameCondition,
                                       std::string nameY)
   : fHasAxis(hasAxis), fAxis(axis), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNCondition(UTILITY::Clean_name(std::move(nameCondition))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNCondition};
   fOutputTensorNames = {fNY};
}

void ROperator_Compress::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   RequireTensor(model, fNCondition, ETensorType::BOOL);
   fType = model.GetTensorType(fNX);
   auto shape = model.GetDimTensorShape(fNX);
   auto const conditions = model.GetDimTensorShape(fNCondition);
   if (conditions.size() != 1)
      Fail("the condition " + fNCondition + " has the shape " + ConvertDimShapeToString(conditions) +
           ", but must have one dimension");
   if (!fHasAxis)
      shape = {ProductOfDims(shape)};
   size_t const axis = AxisOf(fHasAxis ? fAxis : 0, shape.size());
   if (axis >= shape.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   auto const place = shape.begin() + static_cast<std::ptrdiff_t>(axis);
   fOuter = ProductOfDims({shape.begin(), place});
   fSize = *place;
   fInner = ProductOfDims({place + 1, shape.end()});
   fConditions = conditions[0];
   if (!fSize.isParam && !fConditions.isParam && fConditions.dim > fSize.dim)
      Fail(fConditions.GetVal() + " conditions for " + fSize.GetVal() + " slices");
   fCount = model.AddDataDim(fNY, fSize);
   *place = Dim(fCount);
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::vector<ROperator::SizeCheck> ROperator_Compress::GetSizeChecks() const
{
   if (fConditions == fSize || (!fSize.isParam && !fConditions.isParam))
      return {};
   return {{fConditions.GetVal() + " > " + fSize.GetVal(), "TMVA-SOFIE: Compress: more conditions than slices"}};
}

std::string ROperator_Compress::GenerateSizes(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::CountNonZero<uint8_t>>(" + SizeArgument(fConditions) + ", tensor_" +
          fNCondition + ", &" + fCount + ");\n";
}

std::string ROperator_Compress::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::Compress<" + StorageType(fType) + ">>(" + SizeArgument(fOuter) +
          ", size_t(" + fSize.GetVal() + "), size_t(" + fConditions.GetVal() + "), " + SizeArgument(fInner) +
          ", tensor_" + fNX + ", tensor_" + fNCondition + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
