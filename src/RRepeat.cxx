#include "TMVA/SOFIE/RRepeat.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RRepeat::RRepeat(ETensorType type, bool isTile, std::string nameX, std::string nameSizes, std::string nameY)
   : fIsTile(isTile), fNSizes(UTILITY::Clean_name(std::move(nameSizes))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fNX = UTILITY::Clean_name(std::move(nameX));
   fType = type;
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void RRepeat::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   RequireTensor(model, fNSizes);
   std::vector<Dim> sizes;
   if (!SizeValues(model, fNSizes, sizes))
      Fail((fIsTile ? "the repeats in " : "the shape in ") + fNSizes + " are computed at run time");
   auto const shape = model.GetDimTensorShape(fNX);
   for (auto const &size : sizes) {
      if (IsNegative(size))
         Fail("a size of " + size.GetVal() + " in " + ConvertDimShapeToString(sizes));
   }
   if (fIsTile)
      Tile(model, shape, sizes);
   else
      Expand(model, shape, sizes);
}

void RRepeat::Expand(RModel &model, const std::vector<Dim> &shape, const std::vector<Dim> &target)
{
   Dim const one(size_t(1));
   auto const result = BroadcastShape({{fNX, shape}, {fNSizes, target}});
   size_t const missing = result.size() - shape.size();
   auto const own = UTILITY::ComputeStrideFromShape(shape);
   std::vector<Dim> strides(result.size(), Dim(size_t(0)));
   for (size_t d = missing; d < result.size(); ++d) {
      if (shape[d - missing] != one)
         strides[d] = own[d - missing];
   }
   fKeepsRows = missing == 0 && !shape.empty() && shape[0] == result[0];
   AddMove(model, fNY, result, result, strides, Dim(size_t(0)));
}

void RRepeat::Tile(RModel &model, const std::vector<Dim> &shape, const std::vector<Dim> &repeats)
{
   if (repeats.size() != shape.size())
      Fail("repeats " + ConvertDimShapeToString(repeats) + " for " + fNX + " " + ConvertDimShapeToString(shape));
   auto const own = UTILITY::ComputeStrideFromShape(shape);
   std::vector<Dim> result, sizes, strides;
   for (size_t d = 0; d < shape.size(); ++d) {
      result.push_back(MulDims(shape[d], repeats[d]));
      sizes.push_back(repeats[d]);
      sizes.push_back(shape[d]);
      strides.emplace_back(size_t(0));
      strides.push_back(own[d]);
   }
   fKeepsRows = !shape.empty() && repeats[0] == Dim(size_t(1));
   AddMove(model, fNY, result, sizes, strides, Dim(size_t(0)));
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
