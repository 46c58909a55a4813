#include "TMVA/SOFIE/RPad.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RCodeWriter.hxx"
#include "TMVA/SOFIE/RConstants.hxx"
#include "TMVA/SOFIE/RMove.hxx"

#include <map>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

const Dim kZero(size_t(0));
const Dim kOne(size_t(1));

} // namespace

RPad::RPad(ETensorType type, std::string nameX, std::string namePads, std::string nameValue, std::string nameAxes,
           std::string nameY, std::string mode)
   : fType(type), fNX(UTILITY::Clean_name(std::move(nameX))), fNPads(UTILITY::Clean_name(std::move(namePads))),
     fNValue(UTILITY::Clean_name(std::move(nameValue))), fNAxes(UTILITY::Clean_name(std::move(nameAxes))),
     fNY(UTILITY::Clean_name(std::move(nameY))), fMode(std::move(mode))
{
   std::map<std::string, std::string> const modes = {
      {"constant", "Constant"}, {"edge", "Edge"}, {"reflect", "Reflect"}, {"wrap", "Wrap"}};
   auto const found = modes.find(fMode);
   if (found == modes.end())
      Fail("the mode \"" + EscapeText(fMode) + "\"; there are constant, edge, reflect and wrap");
   fMode = found->second;
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void RPad::Check(const std::string &isWrong, const std::string &message)
{
   fSizeChecks.push_back({isWrong, "TMVA-SOFIE: Pad" + (fOrigin.empty() ? "" : " at " + fOrigin) + ": " + message});
}

/// The margins before and behind each dimension.
std::vector<std::pair<Dim, Dim>> RPad::Margins(RModel &model, size_t rank)
{
   RequireTensor(model, fNPads);
   std::vector<Dim> pads, axes;
   if (!SizeValues(model, fNPads, pads))
      Fail("the pads " + fNPads + " are computed at run time");
   if (fNAxes.empty()) {
      for (size_t d = 0; d < rank; ++d)
         axes.emplace_back(d);
   } else {
      RequireTensor(model, fNAxes);
      if (!SizeValues(model, fNAxes, axes))
         Fail("the axes " + fNAxes + " are computed at run time");
   }
   if (pads.size() != 2 * axes.size())
      Fail(std::to_string(pads.size()) + " pads for " + std::to_string(axes.size()) + " dimensions");
   std::vector<std::pair<Dim, Dim>> margins(rank, {kZero, kZero});
   std::vector<bool> isGiven(rank, false);
   for (size_t i = 0; i < axes.size(); ++i) {
      size_t const axis = axes[i].isParam ? rank : AxisOf(static_cast<std::int64_t>(axes[i].dim), rank);
      if (axis >= rank || isGiven[axis])
         Fail("the axis " + axes[i].GetVal() + " of " + std::to_string(rank) + " dimensions");
      isGiven[axis] = true;
      margins[axis] = {pads[i], pads[axes.size() + i]};
   }
   return margins;
}

/// Take what negative margins leave out of the dimension, and keep the others.
void RPad::AddSide(const Dim &size, const Dim &stride, Dim before, Dim after)
{
   Dim left = size;
   for (auto *margin : {&before, &after}) {
      if (IsNegative(*margin)) {
         left = AddDims(left, *margin);
         if (margin == &before)
            fBegin = SubtractDims(fBegin, MulDims(before, stride));
         *margin = kZero;
      } else if (!IsNeverNegative(*margin)) {
         Check(SignedText(*margin) + " < 0", "a margin of " + margin->GetVal());
      }
   }
   if (IsNegative(left))
      Fail("nothing is left of a dimension of size " + size.GetVal());
   if (!IsNeverNegative(left))
      Check(SignedText(left) + " < 0", "nothing is left of a dimension of size " + size.GetVal());
   bool const isPadded = before != kZero || after != kZero;
   if (isPadded && fMode != "Constant") {
      if (left == kZero)
         Fail("a margin of nothing in the mode " + fMode);
      if (left.isParam)
         Check(left.GetVal() + " == 0", "a margin of nothing in the mode " + fMode);
   }
   if (!fSides.empty() && !isPadded && left == size && fSides.back().fBefore == kZero &&
       fSides.back().fAfter == kZero && fSides.back().fStride == MulDims(size, stride)) {
      fSides.back().fSize = MulDims(fSides.back().fSize, size);
      fSides.back().fStride = stride;
   } else {
      fSides.push_back({before, left, after, stride});
   }
}

void RPad::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   auto const shape = model.GetDimTensorShape(fNX);
   auto const margins = Margins(model, shape.size());
   if (!fNValue.empty()) {
      RequireTensor(model, fNValue, fType);
      if (ProductOfDims(model.GetDimTensorShape(fNValue)) != kOne)
         Fail("the value " + fNValue + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNValue)) +
              " is not one number");
      fValue = fType == ETensorType::BOOL ? "" : ScalarLiteral(model, fNValue);
      if (fValue.empty()) {
         fValue = "*tensor_" + fNValue;
         fInputTensorNames.push_back(fNValue);
      }
   } else {
      fValue = "0";
   }
   auto const strides = UTILITY::ComputeStrideFromShape(shape);
   fBegin = kZero;
   std::vector<Dim> shapeY;
   for (size_t d = 0; d < shape.size(); ++d) {
      AddSide(shape[d], strides[d], margins[d].first, margins[d].second);
      shapeY.push_back(AddDims(shape[d], AddDims(margins[d].first, margins[d].second)));
   }
   fKeepsRows = !shape.empty() && margins[0].first == kZero && margins[0].second == kZero;
   // The innermost dimension without a margin is copied in one piece, the one before it is the line.
   auto const isWhole = [](const RSide &side) {
      return side.fBefore == kZero && side.fAfter == kZero && side.fStride == kOne;
   };
   if (fSides.empty() || !isWhole(fSides.back()) ||
       (fSides.size() > 1 && fSides[fSides.size() - 2].fStride != fSides.back().fSize))
      fSides.push_back({kZero, kOne, kZero, kOne});
   if (fSides.size() == 1)
      fSides.insert(fSides.begin(), {kZero, kOne, kZero, kOne});
   model.AddIntermediateTensor(fNY, fType, shapeY);
}

std::string RPad::Generate(std::string)
{
   std::string const type = StorageType(fType);
   auto const list = [&](auto const &value) {
      std::string text;
      for (size_t d = 0; d + 2 < fSides.size(); ++d)
         text += (text.empty() ? "" : ", ") + value(fSides[d]);
      return "{" + (text.empty() ? "1" : text) + "}";
   };
   RSide const &line = fSides[fSides.size() - 2];
   return "Kernel::Isa<W>::template Call<Kernel::Pad<" + type + ", Kernel::" + fMode + "Margin>>(Kernel::Frame<" +
          std::to_string(fSides.size() - 2) + ">{" + list([](const RSide &side) { return side.fBefore.GetVal(); }) +
          ", " + list([](const RSide &side) { return side.fSize.GetVal(); }) + ", " +
          list([](const RSide &side) { return AddDims(side.fSize, AddDims(side.fBefore, side.fAfter)).GetVal(); }) +
          ", " + list([](const RSide &side) { return side.fStride.GetVal(); }) + "}, size_t(" + line.fBefore.GetVal() +
          "), " + SizeArgument(line.fSize) + ", size_t(" + line.fAfter.GetVal() + "), " +
          SizeArgument(fSides.back().fSize) + ", tensor_" + fNX + ", size_t(" + fBegin.GetVal() + "), " + type + "(" +
          fValue + "), tensor_" + fNY + ");";
}

bool RPad::ActsOnRows(const std::vector<bool> &batched) const
{
   return fKeepsRows && (batched.size() < 2 || !batched[1]);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
