#include "TMVA/SOFIE/RChannelsLastConv.hxx"

#include "TMVA/RModel.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RChannelsLastConv::RChannelsLastConv(ETensorType type, std::vector<size_t> dilations, size_t group,
                                     std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX,
                                     std::string nameW, std::string nameB, std::string nameY)
   : RWindow({"NOTSET", std::move(dilations), {}, std::move(pads), std::move(strides), false, true}), fType(type),
     fGroups(group), fNX(UTILITY::Clean_name(std::move(nameX))), fNW(UTILITY::Clean_name(std::move(nameW))),
     fNB(UTILITY::Clean_name(std::move(nameB))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNW};
   if (!fNB.empty())
      fInputTensorNames.push_back(fNB);
   fOutputTensorNames = {fNY};
}

void RChannelsLastConv::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   RequireTensor(model, fNW, fType);
   auto shapeX = model.GetDimTensorShape(fNX);
   auto const dimsW = model.GetDimTensorShape(fNW);
   auto const shapeW = ConvertShapeToInt(dimsW);
   std::string const what = "input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) + " with weights " + fNW +
                            " " + ConvertDimShapeToString(dimsW);
   if (shapeX.size() != dimsW.size() || shapeW.size() < 3)
      Fail(what + ": both must have the same number of dimensions, those of the weights known");
   Dim const channels = shapeX.back();
   fRows = shapeW.back();
   fIsDepthwise = fGroups > 1;
   size_t const inGroup = shapeW[shapeW.size() - 2];
   if (channels.isParam || channels.dim == 0 || fRows == 0 || channels != Dim(inGroup * fGroups))
      Fail(what + " in " + std::to_string(fGroups) + " groups: the channels do not fit");
   if (fIsDepthwise && (fGroups != channels.dim || fRows != fGroups))
      Fail(what + " in " + std::to_string(fGroups) + " groups: only one group, or one for each channel, is supported");
   if (!fIsDepthwise && (!model.IsInitializedTensor(fNW) || !(fNB.empty() || model.IsInitializedTensor(fNB))))
      Fail("the weights " + fNW + " and the bias must be constants");
   if (!fNB.empty()) {
      RequireTensor(model, fNB, fType);
      if (model.GetDimTensorShape(fNB) != std::vector<Dim>{Dim(fRows)})
         Fail("bias " + fNB + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNB)) + " for " +
              std::to_string(fRows) + " channels");
   }
   fImages = shapeX[0];
   fChannels = channels.dim;

   SetKernelShape({shapeW.begin(), shapeW.end() - 2});
   shapeX.insert(shapeX.begin() + 1, channels);
   shapeX.pop_back();
   std::vector<Dim> shapeY = SettleWindow(fNX, shapeX);
   Dim const windows = ProductOfDims(shapeY);
   shapeY.insert(shapeY.begin(), fImages);
   shapeY.push_back(Dim(fRows));
   model.AddIntermediateTensor(fNY, fType, shapeY);
   if (!fIsDepthwise)
      AddScratch(model, fType, MulDims(MulDims(fImages, windows), Dim(GetTaps() * fChannels)));
}

std::string RChannelsLastConv::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   std::string const sizes = fImages.GetVal() + ", " + std::to_string(fChannels) + ", " + WindowCode();
   std::string const call = "Kernel::Isa<W>::template Call<Kernel::ChannelsLast";
   if (!fIsDepthwise)
      return call + "Conv<" + type + ", " + Depth() + ", " + std::to_string(fRows) + ">>(" + sizes + ", tensor_" + fNX +
             ", packed_" + fNY + ", tensor_" + fNY + ", tensor_" + fScratchTensorNames.at(0) + ", " + fFunctor + ");";
   return call + "Depthwise<" + type + ">>(" + sizes + ", tensor_" + fNX + ", tensor_" + fNW + ", " +
          (fNB.empty() ? "static_cast<" + type + " const *>(nullptr)" : "tensor_" + fNB) + ", tensor_" + fNY + ", " +
          fFunctor + ");";
}

std::vector<ROperator::PackedWeight> RChannelsLastConv::GetPackedWeights() const
{
   if (fIsDepthwise)
      return {};
   std::string const type = ConvertTypeToString(fType);
   std::string const rows = std::to_string(fRows);
   std::string const bias = fNB.empty() ? "static_cast<" + type + " const *>(nullptr)" : "tensor_" + fNB;
   return {{"packed_" + fNY, fType,
            "Kernel::PackDense<" + type + ", W, " + Depth() + ", " + rows + ">(tensor_" + fNW +
               ", Kernel::FixedStrides<" + rows + ", 1>{}, " + Literal(1, fType) + ", " + bias + ", 1, " +
               Literal(1, fType) + ")"}};
}

std::set<std::string> RChannelsLastConv::GetPackedInputs() const
{
   if (fIsDepthwise)
      return {};
   return fNB.empty() ? std::set<std::string>{fNW} : std::set<std::string>{fNW, fNB};
}

bool RChannelsLastConv::ActsOnRows(const std::vector<bool> &batched) const
{
   return batched[0] && std::count(batched.begin(), batched.end(), true) == 1;
}

bool RChannelsLastConv::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fFunctor, fOpType, fNY);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
