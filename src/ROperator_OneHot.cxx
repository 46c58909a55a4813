#include "TMVA/ROperator_OneHot.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_OneHot::ROperator_OneHot(int axis, std::string nameIndices, std::string nameDepth, std::string nameValues,
                                   std::string nameY)
   : RIndexed("", std::move(nameIndices), std::move(nameY)), fNDepth(UTILITY::Clean_name(std::move(nameDepth))),
     fNValues(UTILITY::Clean_name(std::move(nameValues))), fAxis(axis)
{
   fInputTensorNames = {fNIndices, fNValues};
}

void ROperator_OneHot::Initialize(RModel &model)
{
   for (auto const &name : {fNIndices, fNDepth, fNValues})
      RequireTensor(model, name);
   fType = model.GetTensorType(fNValues);
   fIndexType = StorageType(model.GetTensorType(fNIndices));
   std::vector<Dim> depth;
   if (!SizeValues(model, fNDepth, depth))
      Fail("the depth " + fNDepth + " is computed at run time");
   if (depth.size() != 1 || (!depth[0].isParam && static_cast<std::int64_t>(depth[0].dim) < 0))
      Fail("the depth " + ConvertDimShapeToString(depth));
   auto const shapeValues = model.GetDimTensorShape(fNValues);
   if (!UTILITY::AreSameShape(shapeValues, std::vector<Dim>{Dim(size_t(2))}))
      Fail("the values " + fNValues + " " + ConvertDimShapeToString(shapeValues) + ", not two");
   fDepth = depth[0];
   auto shape = model.GetDimTensorShape(fNIndices);
   size_t const axis = AxisOf(fAxis, shape.size() + 1);
   if (axis > shape.size())
      Fail("axis " + std::to_string(fAxis) + " beside " + fNIndices + " " + ConvertDimShapeToString(shape));
   fAxis = static_cast<int>(axis);
   fOuter = ProductOfDims({shape.begin(), shape.begin() + fAxis});
   fInner = ProductOfDims({shape.begin() + fAxis, shape.end()});
   shape.insert(shape.begin() + fAxis, fDepth);
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::string ROperator_OneHot::Generate(std::string)
{
   return CallCode("OneHot", fIndexType) + SizeArgument(fOuter) + ", " + SizeArgument(fDepth) + ", " +
          SizeArgument(fInner) + ", tensor_" + fNIndices + ", tensor_" + fNValues + ", tensor_" + fNY + ");";
}

bool ROperator_OneHot::ActsOnRows(const std::vector<bool> &batched) const
{
   return fAxis != 0 && !batched[1];
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
