#include "TMVA/ROperator_Split.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Split::ROperator_Split(std::string nameX, std::string nameSplit, int axis, std::vector<std::string> namesY)
   : fNSplit(UTILITY::Clean_name(std::move(nameSplit))), fAxis(axis)
{
   fNX = UTILITY::Clean_name(std::move(nameX));
   fInputTensorNames = {fNX};
   for (auto &name : namesY)
      fOutputTensorNames.push_back(UTILITY::Clean_name(std::move(name)));
   if (fOutputTensorNames.empty())
      Fail("it has no outputs");
}

std::vector<Dim> ROperator_Split::Lengths(RModel &model, const Dim &size)
{
   std::vector<Dim> lengths;
   Dim const count(fOutputTensorNames.size());
   if (!fNSplit.empty()) {
      RequireTensor(model, fNSplit);
      if (!SizeValues(model, fNSplit, lengths))
         Fail("the lengths in " + fNSplit + " are computed at run time");
   } else if (!size.isParam) {
      size_t const length = (size.dim + count.dim - 1) / count.dim;
      for (size_t i = 0; i < count.dim; ++i)
         lengths.emplace_back(std::min(length, size.dim - std::min(size.dim, i * length)));
   } else {
      lengths.assign(count.dim, DivDims(size, count));
      if (MulDims(lengths[0], count) != size)
         CheckSizes("(" + size.GetVal() + ") % " + count.GetVal() + " != 0",
                    size.GetVal() + " is no multiple of " + count.GetVal());
   }
   return lengths;
}

void ROperator_Split::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   auto const shape = model.GetDimTensorShape(fNX);
   size_t const axis = AxisOf(fAxis, shape.size());
   if (axis >= shape.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   auto const lengths = Lengths(model, shape[axis]);
   std::string const parts = ConvertDimShapeToString(lengths) + " of " + fNX + " " + ConvertDimShapeToString(shape) +
                             " along axis " + std::to_string(axis);
   if (lengths.size() != fOutputTensorNames.size())
      Fail(std::to_string(fOutputTensorNames.size()) + " outputs for the lengths " + parts);
   Dim total(size_t(0));
   for (auto const &length : lengths) {
      if (IsNegative(length))
         Fail("a length below 0 among " + parts);
      if (!IsNeverNegative(length))
         CheckSizes(SignedText(length) + " < 0", "a part of length " + length.GetVal());
      total = AddDims(total, length);
   }
   if (total != shape[axis]) {
      if (!fNSplit.empty() && !total.isParam && !shape[axis].isParam)
         Fail("the lengths " + parts);
      if (!fNSplit.empty())
         CheckSizes(total.GetVal() + " != " + shape[axis].GetVal(),
                    total.GetVal() + " is not the size " + shape[axis].GetVal());
   }
   fKeepsRows = axis > 0;
   auto const strides = UTILITY::ComputeStrideFromShape(shape);
   Dim begin(size_t(0));
   for (size_t i = 0; i < lengths.size(); ++i) {
      auto part = shape;
      part[axis] = lengths[i];
      if (!fOutputTensorNames[i].empty())
         AddMove(model, fOutputTensorNames[i], part, part, strides, begin);
      begin = AddDims(begin, MulDims(lengths[i], strides[axis]));
   }
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
