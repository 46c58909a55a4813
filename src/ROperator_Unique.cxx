#include "TMVA/ROperator_Unique.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Unique::ROperator_Unique(bool hasAxis, int axis, bool sorted, std::string nameX,
                                   std::vector<std::string> nameYs)
   : fHasAxis(hasAxis), fAxis(axis), fSorted(sorted), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNYs(std::move(nameYs))
{
   fInputTensorNames = {fNX};
   fNYs.resize(4);
   for (auto &name : fNYs) {
      name = UTILITY::Clean_name(std::move(name));
      fOutputTensorNames.push_back(name);
   }
}

void ROperator_Unique::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   auto shape = model.GetDimTensorShape(fNX);
   if (!fHasAxis)
      shape = {ProductOfDims(shape)};
   size_t const axis = AxisOf(fHasAxis ? fAxis : 0, shape.size());
   if (axis >= shape.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   auto const place = shape.begin() + static_cast<std::ptrdiff_t>(axis);
   fOuter = ProductOfDims({shape.begin(), place});
   fSize = *place;
   fInner = ProductOfDims({place + 1, shape.end()});
   fCount = model.AddDataDim(fNX + "_unique", fSize);
   *place = Dim(fCount);
   for (size_t i = 0; i < 4; ++i) {
      fScratch.push_back(AddScratch(model, ETensorType::INT64, fSize));
      if (!fNYs[i].empty())
         model.AddIntermediateTensor(fNYs[i], i == 0 ? fType : ETensorType::INT64,
                                     i == 0 ? shape : std::vector<Dim>{i == 2 ? fSize : Dim(fCount)});
   }
}

std::string ROperator_Unique::GenerateSizes(std::string)
{
   std::string code = "Kernel::Isa<W>::template Call<Kernel::Unique<" + StorageType(fType) + ">>(" +
                      SizeArgument(fOuter) + ", " + SizeArgument(fSize) + ", " + SizeArgument(fInner) + ", tensor_" +
                      fNX + ", " + (fSorted ? "true" : "false");
   for (auto const &name : fScratch)
      code += ", tensor_" + name;
   return code + ", &" + fCount + ");\n";
}

std::string ROperator_Unique::Generate(std::string)
{
   std::string code;
   if (!fNYs[0].empty())
      code += "Kernel::Isa<W>::template Call<Kernel::TakeSlices<" + StorageType(fType) + ">>(" + SizeArgument(fOuter) +
              ", " + SizeArgument(fSize) + ", " + SizeArgument(fInner) + ", tensor_" + fNX + ", tensor_" + fScratch[1] +
              ", " + fCount + ", tensor_" + fNYs[0] + ");\n";
   size_t const sources[] = {0, 1, 3, 2}; // of the outputs, in the scratch
   for (size_t i = 1; i < 4; ++i) {
      if (!fNYs[i].empty())
         code += "std::memcpy(tensor_" + fNYs[i] + ", tensor_" + fScratch[sources[i]] + ", (" +
                 (i == 2 ? fSize.GetVal() : fCount) + ") * sizeof(int64_t));\n";
   }
   return code;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
