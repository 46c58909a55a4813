#include "TMVA/ROperator_STFT.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_STFT::ROperator_STFT(size_t frameStep, size_t frameLength, int oneSided, std::string nameX,
                               std::string nameWindow, std::string nameY)
   : fStep(frameStep), fFrame(frameLength), fIsOneSided(oneSided != 0), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNWindow(UTILITY::Clean_name(std::move(nameWindow))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   if (!fNWindow.empty())
      fInputTensorNames.push_back(fNWindow);
   fOutputTensorNames = {fNY};
}

void ROperator_STFT::Initialize(RModel &model)
{
   Dim const one(size_t(1)), two(size_t(2));
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   fShapeX = model.GetDimTensorShape(fNX);
   if (fShapeX.size() != 3 || (fShapeX[2] != one && fShapeX[2] != two))
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShapeX) +
           " is not of signals, samples and 1 or 2 parts");
   if (fStep == 0 || fStep > (size_t(1) << 31) || fFrame == 0 || fFrame > (size_t(1) << 31))
      Fail("frame_step " + std::to_string(fStep) + " or frame_length " + std::to_string(fFrame));
   if (fIsOneSided && fShapeX[2] == two)
      Fail("onesided of a complex signal");
   if (!fNWindow.empty()) {
      RequireTensor(model, fNWindow, fType);
      if (model.GetDimTensorShape(fNWindow) != std::vector<Dim>{Dim(fFrame)})
         Fail("window " + fNWindow + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNWindow)) +
              " for frames of " + std::to_string(fFrame));
   }
   std::string const what = "a frame of " + std::to_string(fFrame) + " does not fit into ";
   if (!fShapeX[1].isParam && fShapeX[1].dim < fFrame)
      Fail(what + fShapeX[1].GetVal());
   if (fShapeX[1].isParam)
      fSizeChecks.push_back(
         {fShapeX[1].GetVal() + " < " + std::to_string(fFrame), "TMVA-SOFIE: STFT: " + what + fShapeX[1].GetVal()});
   Dim const frames = AddDims(DivDims(SubtractDims(fShapeX[1], Dim(fFrame)), Dim(fStep)), one);
   fShapeY = {fShapeX[0], frames, Dim(fIsOneSided ? fFrame / 2 + 1 : fFrame), two};
   model.AddIntermediateTensor(fNY, fType, fShapeY);
   AddScratch(model, ETensorType::DOUBLE, Dim(8 * fFrame));
}

std::string ROperator_STFT::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   auto const size = [](const Dim &dim) { return "size_t(" + dim.GetVal() + "), "; };
   return "Kernel::Isa<W>::template Call<Kernel::FramesFourier<" + type + ">>(" + size(fShapeX[0]) + size(fShapeX[1]) +
          (fShapeX[2] == Dim(size_t(2)) ? "true, " : "false, ") + size(fShapeY[1]) + size(Dim(fStep)) +
          size(Dim(fFrame)) + size(fShapeY[2]) + "tensor_" + fNX + ", " +
          (fNWindow.empty() ? "static_cast<" + type + " const *>(nullptr)" : "tensor_" + fNWindow) + ", tensor_" + fNY +
          ", tensor_" + fScratchTensorNames.at(0) + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
