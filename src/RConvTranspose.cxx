#include "TMVA/SOFIE/RConvTranspose.hxx"

#include "TMVA/RModel.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

/// With channels last: elements of X in one product, whose results stay in the first-level cache.
constexpr size_t kPlaces = 24;

} // namespace

RConvTranspose::RConvTranspose(ETensorType type, std::string autopad, std::vector<size_t> dilations, size_t group,
                               std::vector<size_t> kernelShape, std::vector<size_t> outputPadding,
                               std::vector<size_t> outputShape, std::vector<size_t> pads, std::vector<size_t> strides,
                               std::string nameX, std::string nameW, std::string nameB, std::string nameY)
   : RWindow({std::move(autopad), std::move(dilations), std::move(kernelShape), std::move(pads), std::move(strides),
              false, true}),
     fType(type), fGroups(group), fOutputPadding(std::move(outputPadding)), fOutputShape(std::move(outputShape)),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNW(UTILITY::Clean_name(std::move(nameW))),
     fNB(UTILITY::Clean_name(std::move(nameB))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNW};
   if (!fNB.empty())
      fInputTensorNames.push_back(fNB);
   fOutputTensorNames = {fNY};
}

void RConvTranspose::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   RequireTensor(model, fNW, fType);
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const dimsW = model.GetDimTensorShape(fNW);
   auto const shapeW = ConvertShapeToInt(dimsW);
   if (shapeX.size() != dimsW.size() || shapeW.size() < 3)
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) + " with weights " + fNW + " " +
           ConvertDimShapeToString(dimsW) +
           ": both must have the same number of dimensions, those of the weights known");
   if (shapeX[1] != Dim(shapeW[0]) || fGroups == 0 || shapeW[0] == 0 || shapeW[0] % fGroups != 0 || shapeW[1] == 0)
      Fail("the channels of " + fNX + " " + ConvertDimShapeToString(shapeX) + " in " + std::to_string(fGroups) +
           " groups do not fit weights " + fNW + " " + ConvertShapeToString(shapeW));
   std::vector<size_t> const kernel(shapeW.begin() + 2, shapeW.end());
   if (GetKernelShape().empty())
      SetKernelShape(kernel);
   if (GetKernelShape() != kernel)
      Fail("kernel_shape " + ConvertShapeToString(GetKernelShape()) + " with weights " + fNW + " " +
           ConvertShapeToString(shapeW));
   fImages = shapeX[0];
   fChannels = shapeW[0] / fGroups;
   fRows = shapeW[1];
   Dim const channels(fRows * fGroups);
   if (!fNB.empty()) {
      RequireTensor(model, fNB, fType);
      if (model.GetDimTensorShape(fNB) != std::vector<Dim>{channels})
         Fail("bias " + fNB + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNB)) + " for " +
              channels.GetVal() + " channels");
   }
   std::vector<Dim> shapeY = {fImages, channels};
   auto const spatial = SettleTransposed(fNX, shapeX, fOutputPadding, fOutputShape);
   shapeY.insert(shapeY.end(), spatial.begin(), spatial.end());
   model.AddIntermediateTensor(fNY, fType, shapeY);
   // Panels of 256 bytes for each line.
   AddScratch(model, fType, Dim((fChannels + 1 + fRows * GetTaps()) * (256 / GetTypeSize(fType))));
}

void RConvTranspose::ChooseLayout(RModel &model)
{
   // A vector is of channels: fewer of them leave most of it empty.
   constexpr size_t kLeastChannels = 8;
   if (fGroups != 1 || !model.IsInitializedTensor(fNW) || (fRows < kLeastChannels && !model.HasChannelsLast(fNX)))
      return;
   fIsLast = true;
   fPackedType = model.GetPackedType(fType);
   ReadChannelsLast(model, fNX);
   WriteChannelsLast(model, fNY);
   fScratchTensorNames.clear();
   AddScratch(model, fType, Dim(kPlaces * fRows * GetTaps()));
}

/// The sizes that kernel and packing share.
std::string RConvTranspose::SizesCode() const
{
   return std::to_string(fChannels) + ", " + std::to_string(fRows) + ", " + std::to_string(GetTaps());
}

std::vector<ROperator::PackedWeight> RConvTranspose::GetPackedWeights() const
{
   if (!fIsLast)
      return {};
   return {{"packed_" + fNY, fPackedType,
            "Kernel::PackConvTransposeLast<" + ConvertTypeToString(fType) + ", W" + PackedTypeCode(fType, fPackedType) +
               ">(" + SizesCode() + ", tensor_" + fNW + ")"}};
}

std::string RConvTranspose::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   std::string const bias = fNB.empty() ? "static_cast<" + type + " const *>(nullptr)" : "tensor_" + fNB;
   std::string const end = bias + ", tensor_" + fNY + ", tensor_" + fScratchTensorNames.at(0) + ", " + fFunctor + ");";
   if (fIsLast)
      return "Kernel::Isa<W>::template Call<Kernel::ConvTransposeLast<" + type + ", " + SizesCode() + ", " +
             std::to_string(kPlaces) + ">>(size_t(" + fImages.GetVal() + "), " + WindowCode() + ", tensor_" + fNX +
             ", packed_" + fNY + ", " + end;
   return "Kernel::Isa<W>::template Call<Kernel::ConvTranspose<" + type + ">>(Kernel::ConvSizes{" + fImages.GetVal() +
          ", " + std::to_string(fGroups) + ", " + std::to_string(fChannels) + ", " + std::to_string(fRows) + "}, " +
          WindowCode() + ", tensor_" + fNX + ", tensor_" + fNW + ", " + end;
}

bool RConvTranspose::ActsOnRows(const std::vector<bool> &batched) const
{
   return batched[0] && std::count(batched.begin(), batched.end(), true) == 1;
}

bool RConvTranspose::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fFunctor, fOpType, fNY);
}

Dim RConvTranspose::GetFlops(const RModel &model) const
{
   return MulDims(LengthOf(model, fNX), Dim(2 * fRows * GetTaps()));
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
