#include "TMVA/ROperator_Shape.hxx"

#include "TMVA/RModel.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Shape::ROperator_Shape(int start, int end, std::string nameX, std::string nameY)
   : fStart(start), fEnd(end), fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fOutputTensorNames = {fNY};
   fIsOutputConstant = true;
}

void ROperator_Shape::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   auto shape = model.GetDimTensorShape(fNX);
   auto const rank = static_cast<std::int64_t>(shape.size());
   auto const place = [&](std::int64_t axis) {
      return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
   };
   shape = {shape.begin() + place(fStart), shape.begin() + std::max(place(fStart), place(fEnd))};
   if (std::any_of(shape.begin(), shape.end(), [](const Dim &size) { return size.isParam; })) {
      model.AddShapeTensor(fNY, shape);
      fIsOutputConstant = !model.IsOfDataDims(shape);
      fCode = fIsOutputConstant ? "" : model.ShapeTensorCode(fNY);
      return;
   }
   std::vector<std::int64_t> sizes;
   for (auto const &size : shape)
      sizes.push_back(static_cast<std::int64_t>(size.dim));
   model.AddConstantTensor(fNY, {sizes.size()}, sizes);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
