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
   auto const shape = model.GetDimTensorShape(fNX);
   if (!SizeValues(model, fNSizes, sizes)) {
      fInputTensorNames.push_back(fNSizes);
      if (!fIsTile)
         return ExpandAtRunTime(model, shape);
      sizes = SizesIn(model, fNSizes);
   }
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
   ExpandTo(model, shape, BroadcastShape({{fNX, shape}, {fNSizes, target}}));
}

/// The shape is read when the operator runs: it says how often what has the size 1 is repeated, and has to fit the rest.
void RRepeat::ExpandAtRunTime(RModel &model, const std::vector<Dim> &shape)
{
   RequireTensor(model, fNSizes, ETensorType::INT64);
   Dim const rank = ProductOfDims(model.GetDimTensorShape(fNSizes));
   if (rank.isParam)
      Fail("it is not known how many dimensions are in " + fNSizes);
   std::vector<Dim> result = shape;
   result.insert(result.begin(), rank.dim > shape.size() ? rank.dim - shape.size() : 0, Dim(size_t(1)));
   size_t const first = result.size() - rank.dim; // of x's own dimensions, those before the shape begins
   for (size_t d = first; d < result.size(); ++d) {
      std::string const asked = "tensor_" + fNSizes + "[" + std::to_string(d - first) + "]";
      if (result[d] == Dim(size_t(1))) {
         result[d] = Dim(model.AddDataDim(fNY + "_" + std::to_string(d)));
         fSizesCode += result[d].param + " = Kernel::SizeOf(" + asked + ", \"" + fNSizes + "\");\n";
      } else {
         fSizesCode += "Kernel::BroadcastSize(" + asked + ", " + result[d].GetVal() + ");\n";
      }
   }
   ExpandTo(model, shape, result);
}

void RRepeat::ExpandTo(RModel &model, const std::vector<Dim> &shape, const std::vector<Dim> &result)
{
   Dim const one(size_t(1));
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
