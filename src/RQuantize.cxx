#include "TMVA/SOFIE/RQuantize.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RQuantize::RQuantize(ETensorType typeY, std::int64_t axis, std::int64_t blockSize, std::string nameX,
                     std::string nameScale, std::string nameZeroPoint, std::string nameY)
   : fAxis(axis), fBlockSize(blockSize), fTypeY(typeY), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNScale(UTILITY::Clean_name(std::move(nameScale))), fNZero(UTILITY::Clean_name(std::move(nameZeroPoint))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNScale};
   if (!fNZero.empty())
      fInputTensorNames.push_back(fNZero);
   fOutputTensorNames = {fNY};
}

/// The scale's shape in a form that broadcasts with fShapeY, which becomes x's, with its axis split where there are blocks.
std::vector<Dim> RQuantize::ScaleShape(const std::vector<Dim> &shapeX, const std::vector<Dim> &shapeScale)
{
   Dim const one(size_t(1));
   fShapeY = shapeX;
   if (ProductOfDims(shapeScale) == one)
      return {};
   size_t const axis = AxisOf(fAxis, shapeX.size());
   if (axis >= shapeX.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shapeX));
   std::string const both = "the scale " + fNScale + " " + ConvertDimShapeToString(shapeScale) + " does not fit " +
                            fNX + " " + ConvertDimShapeToString(shapeX) + " along axis " + std::to_string(axis);
   if (fBlockSize == 0) {
      if (shapeScale.size() != 1 || shapeScale[0] != shapeX[axis])
         Fail(both);
      std::vector<Dim> shape(shapeX.size() - axis, one);
      shape[0] = shapeX[axis];
      return shape;
   }
   auto const block = static_cast<size_t>(fBlockSize);
   bool fits = fBlockSize > 0 && shapeScale.size() == shapeX.size() && !shapeX[axis].isParam;
   for (size_t d = 0; fits && d < shapeX.size(); ++d)
      fits = d == axis ? shapeX[d].dim % block == 0 && shapeScale[d] == Dim(shapeX[d].dim / block)
                       : shapeScale[d] == shapeX[d];
   if (!fits)
      Fail(both + " in whole blocks of " + std::to_string(fBlockSize));
   fShapeY[axis] = Dim(shapeX[axis].dim / block);
   fShapeY.insert(fShapeY.begin() + static_cast<std::ptrdiff_t>(axis) + 1, Dim(block));
   auto shape = shapeScale;
   shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, one);
   return shape;
}

void RQuantize::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   RequireTensor(model, fNScale);
   fTypeScale = model.GetTensorType(fNScale);
   if (fTypeScale != ETensorType::FLOAT && fTypeScale != ETensorType::DOUBLE)
      Fail("the scale " + fNScale + " is of type " + ConvertTypeToString(fTypeScale) + ", neither float nor double");
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const shapeScale = model.GetDimTensorShape(fNScale);
   auto const shape = ScaleShape(shapeX, shapeScale);
   fShapes = {fShapeY, shape};
   if (!fNZero.empty()) {
      RequireTensor(model, fNZero, IsForward() ? fTypeY : model.GetTensorType(fNX));
      bool const isNumber = ProductOfDims(model.GetDimTensorShape(fNZero)) == Dim(size_t(1));
      if (isNumber ? !shape.empty() : model.GetDimTensorShape(fNZero) != shapeScale)
         Fail("the zero point " + fNZero + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNZero)) +
              " does not have the shape of the scale, " + ConvertDimShapeToString(shapeScale));
      fShapes.push_back(shape);
   }
   model.AddIntermediateTensor(fNY, IsForward() ? fTypeY : fTypeScale, shapeX);
}

std::string RQuantize::Generate(std::string)
{
   std::string const typeY = ConvertTypeToString(IsForward() ? fTypeY : fTypeScale);
   return PointwiseCode(RBroadcast(fShapeY, fShapes), fInputTensorNames, fNY, typeY,
                        IsForward() ? "Kernel::Quantize<" + typeY + ">{}" : "Kernel::Dequantize{}");
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
