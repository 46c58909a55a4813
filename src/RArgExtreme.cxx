#include "TMVA/SOFIE/RArgExtreme.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RArgExtreme::RArgExtreme(ETensorType type, EArgExtremeMode mode, std::int64_t axis, int keepdims, int select_last_index,
                         std::string nameX, std::string nameY)
   : fType(type), fMode(mode), fAxis(axis), fKeepDims(keepdims != 0), fSelectLast(select_last_index != 0),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void RArgExtreme::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   auto const shape = model.GetDimTensorShape(fNX);
   size_t const axis = AxisOf(fAxis, shape.size());
   if (axis >= shape.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   fAxis = static_cast<std::int64_t>(axis);
   fOuter = ProductOfDims({shape.begin(), shape.begin() + fAxis});
   fLength = shape[axis];
   fInner = ProductOfDims({shape.begin() + fAxis + 1, shape.end()});
   if (fLength == Dim(size_t(0)))
      Fail("it chooses from nothing: " + fNX + " " + ConvertDimShapeToString(shape));
   if (fLength.isParam)
      fSizeChecks.push_back(
         {fLength.GetVal() + " == 0",
          "TMVA-SOFIE: " + GetOpType() + (fOrigin.empty() ? "" : " at " + fOrigin) + ": it chooses from nothing"});
   auto shapeY = shape;
   if (fKeepDims)
      shapeY[axis] = Dim(size_t(1));
   else
      shapeY.erase(shapeY.begin() + fAxis);
   model.AddIntermediateTensor(fNY, ETensorType::INT64, shapeY);
}

std::string RArgExtreme::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::ArgExtreme<" + StorageType(fType) +
          (fMode == ArgMax ? ", true" : ", false") + (fSelectLast ? ", true>>(" : ", false>>(") + SizeArgument(fOuter) +
          ", " + SizeArgument(fLength) + ", " + SizeArgument(fInner) + ", tensor_" + fNX + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
