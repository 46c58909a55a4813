#include "TMVA/SOFIE/RTopK.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RTopK::RTopK(ETensorType type, int axis, int largest, int, std::string nameK, std::string nameX, std::string nameValues,
             std::string nameIndices)
   : fType(type), fAxis(axis), fIsLargest(largest != 0), fNK(UTILITY::Clean_name(std::move(nameK))),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNValues(UTILITY::Clean_name(std::move(nameValues))),
     fNIndices(UTILITY::Clean_name(std::move(nameIndices)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNValues, fNIndices};
}

void RTopK::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   RequireTensor(model, fNK);
   std::vector<Dim> count;
   if (!SizeValues(model, fNK, count))
      Fail("the number " + fNK + " is computed at run time");
   auto const shape = model.GetDimTensorShape(fNX);
   size_t const axis = AxisOf(fAxis, shape.size());
   if (axis >= shape.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   fAxis = static_cast<std::int64_t>(axis);
   fOuter = ProductOfDims({shape.begin(), shape.begin() + fAxis});
   fLength = shape[axis];
   fInner = ProductOfDims({shape.begin() + fAxis + 1, shape.end()});
   if (count.size() != 1 || (!count[0].isParam && static_cast<std::int64_t>(count[0].dim) < 0))
      Fail("the number " + ConvertDimShapeToString(count) + " in " + fNK);
   fCount = count[0];
   std::string const what = "the first " + fCount.GetVal() + " of " + fLength.GetVal() + " elements";
   if (!fCount.isParam && !fLength.isParam && fCount.dim > fLength.dim)
      Fail(what);
   if (fCount != fLength && (fCount.isParam || fLength.isParam))
      fSizeChecks.push_back({fCount.GetVal() + " > " + fLength.GetVal(),
                             "TMVA-SOFIE: TopK" + (fOrigin.empty() ? "" : " at " + fOrigin) + ": " + what});
   auto shapeY = shape;
   shapeY[axis] = fCount;
   if (!fNValues.empty())
      model.AddIntermediateTensor(fNValues, fType, shapeY);
   if (!fNIndices.empty())
      model.AddIntermediateTensor(fNIndices, ETensorType::INT64, shapeY);
   fScratch = AddScratch(model, ETensorType::INT64, fLength);
}

std::string RTopK::Generate(std::string)
{
   std::string const type = StorageType(fType);
   auto const pointer = [](const std::string &of, const std::string &name) {
      return name.empty() ? "static_cast<" + of + " *>(nullptr)" : "tensor_" + name;
   };
   return "Kernel::Isa<W>::template Call<Kernel::TopK<" + type + (fIsLargest ? ", true>>(" : ", false>>(") +
          SizeArgument(fOuter) + ", " + SizeArgument(fLength) + ", " + SizeArgument(fInner) + ", " +
          SizeArgument(fCount) + ", tensor_" + fNX + ", tensor_" + fScratch + ", " + pointer(type, fNValues) + ", " +
          pointer("int64_t", fNIndices) + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
