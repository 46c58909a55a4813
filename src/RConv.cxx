#include "TMVA/SOFIE/RConv.hxx"

#include "TMVA/RModel.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RConv::RConv(ETensorType type, std::string autopad, std::vector<size_t> dilations, size_t group,
             std::vector<size_t> kernelShape, std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX,
             std::string nameW, std::string nameB, std::string nameY)
   : RWindow({std::move(autopad), std::move(dilations), std::move(kernelShape), std::move(pads), std::move(strides),
              false, true}),
     fType(type), fGroups(group), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNW(UTILITY::Clean_name(std::move(nameW))), fNB(UTILITY::Clean_name(std::move(nameB))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNW};
   if (!fNB.empty())
      fInputTensorNames.push_back(fNB);
   fOutputTensorNames = {fNY};
}

void RConv::Initialize(RModel &model)
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
   if (shapeX[1].isParam)
      Fail("the number of channels " + shapeX[1].GetVal() + " of " + fNX + " must be known");
   size_t const channels = shapeX[1].dim;
   if (fGroups == 0 || channels != shapeW[1] * fGroups || channels == 0)
      Fail(std::to_string(channels) + " channels of " + fNX + " in " + std::to_string(fGroups) +
           " groups do not fit weights " + fNW + " " + ConvertShapeToString(shapeW) + " with " +
           std::to_string(shapeW[1]) + " channels a group");
   if (shapeW[0] == 0 || shapeW[0] % fGroups != 0)
      Fail(std::to_string(shapeW[0]) + " channels of weights " + fNW + " do not divide into " +
           std::to_string(fGroups) + " groups");
   std::vector<size_t> const kernel(shapeW.begin() + 2, shapeW.end());
   if (GetKernelShape().empty())
      SetKernelShape(kernel);
   if (GetKernelShape() != kernel)
      Fail("kernel_shape " + ConvertShapeToString(GetKernelShape()) + " with weights " + fNW + " " +
           ConvertShapeToString(shapeW));
   if (!fNB.empty()) {
      RequireTensor(model, fNB, fType);
      if (model.GetDimTensorShape(fNB) != std::vector<Dim>{Dim(shapeW[0])})
         Fail("bias " + fNB + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNB)) + " for " +
              std::to_string(shapeW[0]) + " channels");
   }

   fShapeY = {shapeX[0], Dim(shapeW[0])};
   auto const spatial = SettleWindow(fNX, shapeX);
   fShapeY.insert(fShapeY.end(), spatial.begin(), spatial.end());
   fImages = shapeX[0];
   fChannels = shapeW[1];
   fRows = shapeW[0] / fGroups;
   fIsDepthwise = fChannels == 1 && fRows <= 2;
   model.AddIntermediateTensor(fNY, fType, fShapeY);
   AddStage(model);
}

void RConv::AddStage(RModel &model)
{
   if (fIsLast) {
      if (!HasNoPadding())
         AddScratch(model, fType, MulDims(Dim(fChannels * fGroups), GetStagedLength(fIsDepthwise ? 1 : 3)));
      return;
   }
   // A vector of 64 bytes, and a panel of 256 bytes for each line.
   size_t const unit = 64 / GetTypeSize(fType);
   Dim length(unit);
   if (!fIsDepthwise)
      length = AddDims(length, Dim((fChannels * GetTaps() + 1) * 4 * unit));
   if (fIsDepthwise || !IsDirect())
      length = AddDims(length, MulDims(Dim(fChannels), GetStagedLength(3)));
   AddScratch(model, fType, length);
}

void RConv::ChooseLayout(RModel &model)
{
   // A vector is of channels: fewer of them leave most of it empty.
   constexpr size_t kLeastChannels = 8;
   bool const hasOwnWeights = fIsDepthwise && fRows == 1;
   bool const isKnown = model.IsInitializedTensor(fNW) && (fNB.empty() || model.IsInitializedTensor(fNB));
   bool const isThere = model.HasChannelsLast(fNX);
   bool const fits = hasOwnWeights ? fGroups >= kLeastChannels
                                   : fGroups == 1 && (fRows >= kLeastChannels || (isThere && GetTaps() == 1));
   // A mere product of matrices gains what a conversion costs only where both are large.
   constexpr size_t kLeastProduct = 48;
   bool const gains = GetTaps() > 1 || std::min(fChannels, fRows) >= kLeastProduct || isThere;
   if (!isKnown || !fits || !gains)
      return;
   fIsLast = true;
   fIsDense = !fIsDepthwise && IsEachElement();
   fPackedType = fIsDepthwise ? fType : model.GetPackedType(fType);
   ReadChannelsLast(model, fNX);
   WriteChannelsLast(model, fNY);
   std::rotate(fShapeY.begin() + 1, fShapeY.begin() + 2, fShapeY.end());
   fScratchTensorNames.clear();
   AddStage(model);
}

size_t RConv::GetLinesReadAgain() const
{
   constexpr size_t kTile = 8; // the most windows that one has
   Dim const windows = ProductOfDims({fShapeY.begin() + 1, fShapeY.end() - 1});
   return windows.isParam || windows.dim <= kTile ? 0 : fChannels * GetTaps();
}

std::string RConv::BiasCode() const
{
   return fNB.empty() ? "static_cast<" + ConvertTypeToString(fType) + " const *>(nullptr)" : "tensor_" + fNB;
}

std::vector<ROperator::PackedWeight> RConv::GetPackedWeights() const
{
   if (!fIsLast)
      return {};
   std::string const type = ConvertTypeToString(fType);
   std::string const taps = std::to_string(GetTaps());
   std::string const from = "tensor_" + fNW + ", " + BiasCode() + ")";
   if (fIsDense) {
      std::string const channels = std::to_string(fChannels);
      return {{"packed_" + fNY, fPackedType,
               "Kernel::PackDense<" + type + ", W" + PackedTypeCode(fType, fPackedType) + ">(" + channels + ", " +
                  std::to_string(fRows) + ", tensor_" + fNW + ", Kernel::Strides{1, " + channels + "}, 1.0, " +
                  BiasCode() + ", 1, 1.0)"}};
   }
   return {{"packed_" + fNY, fPackedType,
            fIsDepthwise
               ? "Kernel::PackDepthwiseLast<" + type + ">(" + std::to_string(fGroups) + ", " + taps + ", " + from
               : "Kernel::PackConvLast<" + type + ", W" + PackedTypeCode(fType, fPackedType) + ">(" +
                    std::to_string(fRows) + ", " + std::to_string(GetLinesReadAgain()) + ", " +
                    std::to_string(fChannels) + ", " + taps + ", " + from}};
}

std::set<std::string> RConv::GetPackedInputs() const
{
   if (!fIsLast)
      return {};
   return fNB.empty() ? std::set<std::string>{fNW} : std::set<std::string>{fNW, fNB};
}

std::string RConv::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   std::string const taps = std::to_string(GetTaps());
   if (fIsDense) {
      std::string const channels = std::to_string(fChannels);
      return "Kernel::Isa<W>::template Call<Kernel::Dense<" + type + ", " + channels + ", " + std::to_string(fRows) +
             ">>(" + SizeArgument(ProductOfDims({fShapeY.begin(), fShapeY.end() - 1})) + ", tensor_" + fNX +
             ", Kernel::FixedStrides<" + channels + ", 1>{}, packed_" + fNY + ", tensor_" + fNY + ", " +
             FinishCode(fNAddend, fPlaces, fNY, fFunctor) + ");";
   }
   if (fIsLast) {
      std::string const scratch =
         fScratchTensorNames.empty() ? "static_cast<" + type + " *>(nullptr)" : "tensor_" + fScratchTensorNames[0];
      return "Kernel::Isa<W>::template Call<Kernel::" +
             (fIsDepthwise ? "DepthwiseLast<" + type + ", " + taps
                           : "ConvLast<" + type + ", " + std::to_string(fRows) + ", " + taps + ", " +
                                std::to_string(GetLinesReadAgain())) +
             ">>(size_t(" + fImages.GetVal() + "), " + SizeArgument(Dim(fIsDepthwise ? fGroups : fChannels)) + ", " +
             (fIsDepthwise ? "" : SizeArgument(GetRunLength(fChannels)) + ", ") + WindowCode() + ", tensor_" + fNX +
             ", packed_" + fNY + ", tensor_" + fNY + ", " + scratch + ", " +
             FinishCode(fNAddend, fPlaces, fNY, fFunctor) + ");";
   }
   std::string const kernel = fIsDepthwise ? "DepthwiseConv<" + type + ", " + taps + ">" : "Conv<" + type + ">";
   return "Kernel::Isa<W>::template Call<Kernel::" + kernel + ">(Kernel::ConvSizes{" + fImages.GetVal() + ", " +
          std::to_string(fGroups) + ", " + std::to_string(fChannels) + ", " + std::to_string(fRows) + "}, " +
          WindowCode() + ", tensor_" + fNX + ", tensor_" + fNW + ", " + BiasCode() + ", tensor_" + fNY + ", tensor_" +
          fScratchTensorNames.at(0) + ", " + fFunctor + ");";
}

bool RConv::ActsOnRows(const std::vector<bool> &batched) const
{
   std::ptrdiff_t const ownInputs = fNAddend.empty() ? 1 : 2;
   return batched[0] && std::count(batched.begin(), batched.end(), true) == ownInputs;
}

bool RConv::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fFunctor, fOpType, fNY);
}

Dim RConv::GetFlops(const RModel &model) const
{
   return MulDims(LengthOf(model, fNY), Dim(2 * fChannels * GetTaps()));
}

bool RConv::FuseAddition(const ROperator &next, const Addend &addend)
{
   bool const fits = fIsLast && !fIsDepthwise && fNAddend.empty() && fFunctor == "Kernel::Identity{}";
   auto const places = PlacesCode(addend.fShape, fShapeY);
   if (!fits || !places)
      return false;
   fNAddend = addend.fName;
   fPlaces = *places;
   return TakeOver(next, addend, fOpType, fNY);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
