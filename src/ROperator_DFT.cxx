#include "TMVA/ROperator_DFT.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_DFT::ROperator_DFT(std::int64_t axis, int inverse, int oneSided, size_t length, std::string nameX,
                             std::string nameY)
   : fAxis(axis), fIsInverse(inverse != 0), fIsOneSided(oneSided != 0), fGivenLength(length),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_DFT::Initialize(RModel &model)
{
   Dim const one(size_t(1)), two(size_t(2));
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   fShapeX = model.GetDimTensorShape(fNX);
   if (fShapeX.size() < 2 || (fShapeX.back() != one && fShapeX.back() != two))
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShapeX) +
           " does not have 1 or 2 parts in its last dimension");
   fPlace = AxisOf(fAxis, fShapeX.size());
   if (fPlace >= fShapeX.size() - 1)
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(fShapeX));
   if (fIsOneSided && (fShapeX.back() == two) != fIsInverse)
      Fail("onesided goes from real signals to complex ones, and back with inverse");
   Dim const &in = fShapeX[fPlace];
   fLength = fGivenLength > 0            ? Dim(fGivenLength)
             : fIsOneSided && fIsInverse ? MulDims(SubtractDims(in, one), two)
                                         : in;
   if (!fLength.isParam && (fLength.dim == 0 || fLength.dim > (size_t(1) << 31)))
      Fail("a transform of " + fLength.GetVal() + " elements");
   fShapeY = fShapeX;
   fShapeY[fPlace] = fIsOneSided && !fIsInverse ? AddDims(DivDims(fLength, two), one) : fLength;
   fShapeY.back() = fIsOneSided && fIsInverse ? one : two;
   model.AddIntermediateTensor(fNY, fType, fShapeY);
   AddScratch(model, ETensorType::DOUBLE, MulDims(fLength, Dim(size_t(8))));
}

std::string ROperator_DFT::Generate(std::string)
{
   auto const place = static_cast<std::ptrdiff_t>(fPlace);
   std::vector<Dim> const sizes = {ProductOfDims({fShapeX.begin(), fShapeX.begin() + place}),
                                   ProductOfDims({fShapeX.begin() + place + 1, fShapeX.end() - 1}), fShapeX[fPlace],
                                   fLength, fShapeY[fPlace]};
   std::string code;
   for (auto const &size : sizes)
      code += size.GetVal() + ", ";
   auto const flag = [](bool value) { return value ? "true" : "false"; };
   return "Kernel::Isa<W>::template Call<Kernel::DiscreteFourier<" + ConvertTypeToString(fType) +
          ">>(Kernel::FourierSizes{" + code + flag(fShapeX.back() == Dim(size_t(2))) + ", " + flag(fIsInverse) + ", " +
          flag(fIsOneSided && fIsInverse) + "}, tensor_" + fNX + ", tensor_" + fNY + ", tensor_" +
          fScratchTensorNames.at(0) + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
