#include "TMVA/ROperator_Slice.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

/// From here on exporters mean the end of a dimension, whichever its size.
constexpr std::int64_t kFar = INT32_MAX;

std::int64_t NumberOf(const Dim &dim)
{
   return static_cast<std::int64_t>(dim.dim);
}

Dim DimOf(std::int64_t number)
{
   return Dim(static_cast<size_t>(number));
}

} // namespace

ROperator_Slice::ROperator_Slice(std::string nameData, std::vector<std::string> names, std::string nameOutput)
   : fNames(std::move(names)), fNY(UTILITY::Clean_name(std::move(nameOutput)))
{
   fNX = UTILITY::Clean_name(std::move(nameData));
   fNames.resize(4);
   for (auto &name : fNames)
      name = UTILITY::Clean_name(std::move(name));
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

ROperator_Slice::ROperator_Slice(std::string nameData, std::vector<std::int64_t> starts, std::vector<std::int64_t> ends,
                                 std::vector<std::int64_t> axes, std::string nameOutput)
   : ROperator_Slice(std::move(nameData), {}, std::move(nameOutput))
{
   fStarts = std::move(starts);
   fEnds = std::move(ends);
   fAxes = std::move(axes);
}

std::vector<Dim> ROperator_Slice::Values(RModel &model, size_t which, const std::vector<std::int64_t> &given) const
{
   std::vector<Dim> values;
   if (fNames[which].empty()) {
      for (auto const value : given)
         values.push_back(DimOf(value));
   } else {
      RequireTensor(model, fNames[which]);
      if (!SizeValues(model, fNames[which], values))
         Fail((which == 2 ? "the axes in " : "the steps in ") + fNames[which] + " are computed at run time");
   }
   return values;
}

/// Where `less` is not known to be at most `more`, have it checked.
void ROperator_Slice::RequireOrder(const Dim &less, const Dim &more, const std::string &what)
{
   Dim const room = SubtractDims(more, less);
   if (!room.isParam && NumberOf(room) < 0)
      Fail(what);
   if (room.isParam && !IsNeverNegative(room))
      CheckSizes(SignedText(less) + " > " + SignedText(more), what);
}

/// A start or an end as a place of the dimension.
Dim ROperator_Slice::Bound(Dim value, const Dim &size, bool isEnd, bool isForward)
{
   std::int64_t const before = isForward || !isEnd ? 0 : -1; // the least place
   Dim const last = isForward ? size : SubtractDims(size, DimOf(1));
   bool const fromEnd = IsNegative(value);
   if (!value.isParam && !size.isParam) {
      std::int64_t const place = NumberOf(value) + (fromEnd ? NumberOf(size) : 0);
      return DimOf(std::max(before, std::min(place, NumberOf(last))));
   }
   if (!value.isParam && NumberOf(value) >= kFar)
      return last;
   if (!value.isParam && NumberOf(value) <= -kFar)
      return DimOf(before);
   std::string const what =
      (isEnd ? "the end " : "the start ") + value.GetVal() + " is not in a dimension of size " + size.GetVal();
   if (fromEnd)
      value = AddDims(value, size);
   RequireOrder(DimOf(before), value, what);
   RequireOrder(value, last, what);
   return value;
}

ROperator_Slice::RRange ROperator_Slice::Range(const Dim &start, const Dim &end, std::int64_t step, const Dim &size)
{
   bool const isForward = step > 0;
   if (size == DimOf(0))
      return {size, size};
   Dim const first = Bound(start, size, false, isForward);
   Dim const stop = Bound(end, size, true, isForward);
   Dim const span = isForward ? SubtractDims(stop, first) : SubtractDims(first, stop);
   auto const stride = DimOf(isForward ? step : -step);
   if (!span.isParam)
      return {first, NumberOf(span) <= 0 ? DimOf(0) : DivDims(SubtractDims(AddDims(span, stride), DimOf(1)), stride)};
   if (!IsNeverNegative(span))
      CheckSizes(SignedText(span) + " < 0", "from " + start.GetVal() + " to " + end.GetVal() +
                                               " of a dimension of size " + size.GetVal() + " is less than nothing");
   return {first, DivDims(SubtractDims(AddDims(span, stride), DimOf(1)), stride)};
}

/// The starts or ends as expressions in C++: numbers, sizes, or elements that are read when the operator runs.
std::vector<std::string> ROperator_Slice::Expressions(RModel &model, size_t which)
{
   std::vector<std::string> texts;
   std::vector<Dim> values;
   auto const &name = fNames[which];
   if (name.empty() || SizeValues(model, name, values)) {
      if (name.empty())
         values = Values(model, which, which == 0 ? fStarts : fEnds);
      for (auto const &value : values)
         texts.push_back(value.isParam ? SignedText(value) : std::to_string(NumberOf(value)));
      return texts;
   }
   Dim const count = ProductOfDims(model.GetDimTensorShape(name));
   if (count.isParam)
      Fail("it is not known how many places are in " + name);
   fInputTensorNames.push_back(name);
   for (size_t i = 0; i < count.dim; ++i)
      texts.push_back("tensor_" + name + "[" + std::to_string(i) + "]");
   return texts;
}

bool ROperator_Slice::IsRead(RModel &model, size_t which) const
{
   auto const &name = fNames[which];
   return !name.empty() && !model.IsShapeTensor(name) && !model.IsInitializedTensor(name);
}

/// Bounds that are read when the operator runs: a place to begin at and a size, both known only then.
ROperator_Slice::RRange ROperator_Slice::RangeAtRunTime(RModel &model, const std::string &start, const std::string &end,
                                                        std::int64_t step, const Dim &size)
{
   std::string const first = model.AddDataDim(fNY + "_begin");
   std::string const count = model.AddDataDim(fNY, size);
   fSizesCode += "Kernel::SliceRange(" + start + ", " + end + ", " + std::to_string(step) + ", " + SignedText(size) +
                 ", &" + first + ", &" + count + ");\n";
   return {Dim(first), Dim(count)};
}

void ROperator_Slice::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   auto const shape = model.GetDimTensorShape(fNX);
   bool const isRead = IsRead(model, 0) || IsRead(model, 1);
   auto const readStarts = isRead ? Expressions(model, 0) : std::vector<std::string>{};
   auto const readEnds = isRead ? Expressions(model, 1) : std::vector<std::string>{};
   auto const starts = isRead ? std::vector<Dim>(readStarts.size()) : Values(model, 0, fStarts);
   auto const ends = isRead ? std::vector<Dim>(readEnds.size()) : Values(model, 1, fEnds);
   auto axes = Values(model, 2, fAxes);
   auto steps = Values(model, 3, {});
   if (axes.empty()) {
      for (size_t i = 0; i < starts.size(); ++i)
         axes.emplace_back(i);
   }
   if (steps.empty())
      steps.assign(starts.size(), DimOf(1));
   if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
      Fail(std::to_string(starts.size()) + " starts, " + std::to_string(ends.size()) + " ends, " +
           std::to_string(axes.size()) + " axes and " + std::to_string(steps.size()) + " steps");

   auto sizes = shape;
   auto strides = UTILITY::ComputeStrideFromShape(shape);
   Dim begin(size_t(0));
   fKeepsRows = true;
   std::vector<bool> isCut(shape.size(), false);
   for (size_t i = 0; i < axes.size(); ++i) {
      size_t const axis = axes[i].isParam ? shape.size() : AxisOf(NumberOf(axes[i]), shape.size());
      if (axis >= shape.size() || isCut[axis])
         Fail("axis " + axes[i].GetVal() + " of " + fNX + " " + ConvertDimShapeToString(shape) +
              (axis < shape.size() ? ", twice" : ""));
      if (steps[i].isParam || NumberOf(steps[i]) == 0 || steps[i] == DimOf(INT64_MIN))
         Fail("a step of " + steps[i].GetVal());
      isCut[axis] = true;
      auto const range = isRead ? RangeAtRunTime(model, readStarts[i], readEnds[i], NumberOf(steps[i]), shape[axis])
                                : Range(starts[i], ends[i], NumberOf(steps[i]), shape[axis]);
      if (axis == 0 && (range.fCount != shape[0] || NumberOf(steps[i]) != 1))
         fKeepsRows = false;
      begin = AddDims(begin, MulDims(range.fStart, strides[axis]));
      sizes[axis] = range.fCount;
      // A stride that no step is made with may be one that is out of range.
      strides[axis] =
         range.fCount == DimOf(1) || range.fCount == DimOf(0) ? strides[axis] : MulDims(strides[axis], steps[i]);
   }
   AddMove(model, fNY, sizes, sizes, strides, begin);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
