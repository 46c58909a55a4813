#include "TMVA/ROperator_Reshape.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <array>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

const Dim kOne(size_t(1));
const Dim kRest(static_cast<size_t>(-1)); ///< -1 in a target shape.

} // namespace

ROperator_Reshape::ROperator_Reshape(ReshapeOpMode opMode, int attribute, std::string nameData, std::string nameShape,
                                     std::string nameOutput)
   : fOpMode(opMode), fAttribute(attribute), fNX(UTILITY::Clean_name(std::move(nameData))),
     fNShape(UTILITY::Clean_name(std::move(nameShape))), fNY(UTILITY::Clean_name(std::move(nameOutput)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

ROperator_Reshape::ROperator_Reshape(ReshapeOpMode opMode, std::vector<std::int64_t> axes, std::string nameData,
                                     std::string nameOutput)
   : ROperator_Reshape(opMode, 0, std::move(nameData), "", std::move(nameOutput))
{
   fHasValues = true;
   fValues = std::move(axes);
   if (opMode == Flatten)
      fAttribute = fValues.empty() ? 1 : static_cast<int>(fValues[0]);
}

std::string ROperator_Reshape::GetOpType() const
{
   return std::array<const char *, 4>{"Reshape", "Flatten", "Squeeze", "Unsqueeze"}.at(fOpMode);
}

void ROperator_Reshape::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   auto const shape = model.GetDimTensorShape(fNX);
   std::vector<Dim> target; // of Reshape, where a dimension may be a name
   if (!fNShape.empty()) {
      RequireTensor(model, fNShape);
      if (model.IsShapeTensor(fNShape) && fOpMode == Reshape)
         target = model.GetShapeTensorValues(fNShape);
      else if (model.IsInitializedTensor(fNShape))
         fValues = IntegerValues(model, fNShape);
      else if (fOpMode == Reshape)
         return ReshapeAtRunTime(model);
      else
         Fail("the values of " + fNShape + " are computed at run time");
   } else if (!fHasValues && (fOpMode == Reshape || fOpMode == Unsqueeze)) {
      Fail(fOpMode == Reshape ? "the target shape is not given" : "the axes are not given");
   }
   for (auto const value : fValues) {
      if (fOpMode == Reshape && value < -1)
         Fail("the target " + ConvertValuesToString(fValues) + " has the dimension " + std::to_string(value));
      target.emplace_back(static_cast<size_t>(value));
   }
   std::vector<Dim> result;
   switch (fOpMode) {
   case Reshape: result = Reshaped(shape, target); break;
   case Flatten: result = Flattened(shape); break;
   case Squeeze: result = Squeezed(shape, fValues); break;
   case Unsqueeze: result = Unsqueezed(shape, fValues); break;
   }
   fIsOutputConstant = AddView(model, fNX, fNY, result);
}

/// Where images and channels stay, what has its channels last is reshaped as it is.
void ROperator_Reshape::ChooseLayout(RModel &model)
{
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto shapeY = model.GetDimTensorShape(fNY);
   bool const fits = shapeX.size() > 2 && shapeY.size() > 2 && shapeX[0] == shapeY[0] && shapeX[1] == shapeY[1];
   if (!fits || fInputTensorNames.size() > 1 || !model.HasChannelsLast(fNX) || model.HasChannelsLast(fNY))
      return;
   std::rotate(shapeY.begin() + 1, shapeY.begin() + 2, shapeY.end());
   auto view = std::make_unique<ROperator_Reshape>(*this);
   view->fNX = model.ChannelsLast(fNX);
   view->fNY = model.FreeName(fNY + "_last");
   view->fInputTensorNames = {view->fNX};
   view->fOutputTensorNames = {view->fNY};
   view->fIsOutputConstant = AddView(model, view->fNX, view->fNY, shapeY);
   model.SetChannelsLast(fNY, view->fNY);
   model.AddOperator(std::move(view));
}

/// The target is computed by another operator.
void ROperator_Reshape::ReshapeAtRunTime(RModel &model)
{
   RequireTensor(model, fNShape, ETensorType::INT64);
   Dim const rank = ProductOfDims(model.GetDimTensorShape(fNShape));
   if (rank.isParam)
      Fail("the number of dimensions in " + fNShape + " depends on data");
   fInputTensorNames.push_back(fNShape);
   auto const shape = model.GetDimTensorShape(fNX);
   std::string sizes;
   for (auto const &dim : shape)
      sizes += (sizes.empty() ? "" : ", ") + dim.GetVal();
   std::vector<Dim> result;
   fSizesCode = "{\n   size_t const shape[] = {" + (sizes.empty() ? "1" : sizes) + "};\n   size_t target[" +
                std::to_string(std::max<size_t>(rank.dim, 1)) + "];\n   Kernel::ReshapeSizes(shape, " +
                std::to_string(shape.size()) + ", tensor_" + fNShape + ", " + std::to_string(rank.dim) + ", " +
                (fAttribute != 0 ? "true" : "false") + ", target);\n";
   for (size_t i = 0; i < rank.dim; ++i) {
      result.emplace_back(model.AddDataDim(fNY + "_" + std::to_string(i)));
      fSizesCode += "   " + result.back().param + " = target[" + std::to_string(i) + "];\n";
   }
   fSizesCode += "}\n";
   model.AddIntermediateTensor(fNY, model.GetTensorType(fNX), result);
   model.AddAliasTensor(fNY, fNX);
}

std::vector<Dim> ROperator_Reshape::Reshaped(const std::vector<Dim> &shape, std::vector<Dim> target) const
{
   std::string const places =
      "the elements of " + fNX + " " + ConvertDimShapeToString(shape) + " do not fit the target ";
   Dim known = kOne;
   Dim *rest = nullptr;
   std::string text;
   for (size_t i = 0; i < target.size(); ++i) {
      text += (i > 0 ? " , " : "") + (target[i] == kRest ? "-1" : target[i].GetVal());
      if (target[i] == Dim(size_t(0)) && fAttribute == 0) {
         if (i >= shape.size())
            Fail("the target keeps dimension " + std::to_string(i) + " of " + fNX + " " +
                 ConvertDimShapeToString(shape) + ", which has none");
         target[i] = shape[i];
      }
      if (target[i] == kRest) {
         if (rest)
            Fail("the target has -1 more than once");
         rest = &target[i];
      } else {
         known = MulDims(known, target[i]);
      }
   }
   Dim const total = ProductOfDims(shape);
   if (rest) {
      if (known == Dim(size_t(0)))
         Fail(places + "{ " + text + " }, whose -1 could be anything");
      *rest = DivDims(total, known);
      known = MulDims(known, *rest);
   }
   if (known != total)
      Fail(places + "{ " + text + " }: " + total.GetVal() + " against " + known.GetVal());
   return target;
}

std::vector<Dim> ROperator_Reshape::Flattened(const std::vector<Dim> &shape) const
{
   auto const rank = static_cast<std::int64_t>(shape.size());
   if (fAttribute < -rank || fAttribute > rank)
      Fail("axis " + std::to_string(fAttribute) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   auto const middle = shape.begin() + (fAttribute < 0 ? fAttribute + rank : fAttribute);
   return {ProductOfDims({shape.begin(), middle}), ProductOfDims({middle, shape.end()})};
}

/// Which of the dimensions are named by the axes.
std::vector<bool> ROperator_Reshape::Marked(const std::vector<std::int64_t> &axes, size_t rank) const
{
   std::vector<bool> marked(rank, false);
   for (auto const axis : axes) {
      size_t const place = AxisOf(axis, rank);
      if (place >= rank || marked[place])
         Fail("the axes " + ConvertValuesToString(axes) + " are not different dimensions of " + std::to_string(rank));
      marked[place] = true;
   }
   return marked;
}

std::vector<Dim> ROperator_Reshape::Squeezed(const std::vector<Dim> &shape, const std::vector<std::int64_t> &axes) const
{
   auto const marked = Marked(axes, shape.size());
   std::vector<Dim> result;
   for (size_t i = 0; i < shape.size(); ++i) {
      if (marked[i] && shape[i] != kOne)
         Fail("dimension " + std::to_string(i) + " of " + fNX + " " + ConvertDimShapeToString(shape) + " is not 1");
      if (axes.empty() ? shape[i] != kOne : !marked[i])
         result.push_back(shape[i]);
   }
   return result;
}

std::vector<Dim> ROperator_Reshape::Unsqueezed(const std::vector<Dim> &shape,
                                               const std::vector<std::int64_t> &axes) const
{
   std::vector<Dim> result;
   size_t next = 0;
   for (bool const isNew : Marked(axes, shape.size() + axes.size()))
      result.push_back(isNew ? kOne : shape[next++]);
   return result;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
