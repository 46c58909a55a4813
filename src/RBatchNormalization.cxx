#include "TMVA/SOFIE/RBatchNormalization.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RElementwise.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RBatchNormalization::RBatchNormalization(ETensorType type, double epsilon, size_t trainingMode, std::string nameX,
                                         std::string nameScale, std::string nameB, std::string nameMean,
                                         std::string nameVar, std::string nameY, EActivationType activation)
   : fType(type), fEpsilon(epsilon), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNStatistics{UTILITY::Clean_name(std::move(nameScale)), UTILITY::Clean_name(std::move(nameB)),
                  UTILITY::Clean_name(std::move(nameMean)), UTILITY::Clean_name(std::move(nameVar))},
     fNY(UTILITY::Clean_name(std::move(nameY))), fFunctor(ActivationFunctor(activation))
{
   fInputTensorNames = {fNX};
   fInputTensorNames.insert(fInputTensorNames.end(), fNStatistics.begin(), fNStatistics.end());
   fOutputTensorNames = {fNY};
   if (trainingMode != 0)
      Fail("training_mode " + std::to_string(trainingMode) + ", the statistics of the batch itself, is not supported");
   if (fFunctor.empty())
      Fail("the activation SOFTMAX cannot be fused");
}

void RBatchNormalization::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   fShape = model.GetDimTensorShape(fNX);
   if (fShape.size() < 2)
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShape) + " has no channels");
   if (fShape[1].isParam)
      Fail("the number of channels " + fShape[1].GetVal() + " of " + fNX + " must be known");
   fIsPacked = true;
   for (auto const &name : fNStatistics) {
      RequireTensor(model, name, fType);
      auto const shape = model.GetDimTensorShape(name);
      if (shape != std::vector<Dim>{fShape[1]})
         Fail("input tensor " + name + " " + ConvertDimShapeToString(shape) + " for " + fShape[1].GetVal() +
              " channels of " + fNX);
      fIsPacked = fIsPacked && model.IsInitializedTensor(name);
   }
   model.AddIntermediateTensor(fNY, fType, fShape);
   if (!fIsPacked)
      AddScratch(model, fType, Dim(2 * fShape[1].dim));
}

void RBatchNormalization::ChooseLayout(RModel &model)
{
   if (!model.HasChannelsLast(fNX))
      return;
   ReadChannelsLast(model, fNX);
   WriteChannelsLast(model, fNY);
   // All but the channels are images of one element.
   fShape = {MulDims(fShape[0], ProductOfDims({fShape.begin() + 2, fShape.end()})), fShape[1]};
}

std::string RBatchNormalization::StatisticsCode() const
{
   std::string text = "size_t(" + fShape[1].GetVal() + ")";
   for (auto const &name : fNStatistics)
      text += ", tensor_" + name;
   return text + ", " + ConvertValToString(fEpsilon);
}

std::string RBatchNormalization::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   std::string const call = "Kernel::Isa<W>::template Call<Kernel::ScaleShift";
   std::string const statistics = fIsPacked ? "packed_" + fNY : "tensor_" + fScratchTensorNames.at(0);
   return (fIsPacked ? "" : call + "Of<" + type + ">>(" + StatisticsCode() + ", " + statistics + ");\n") + call + "<" +
          type + ">>(size_t(" + fShape[0].GetVal() + "), " + SizeArgument(fShape[1]) + ", " +
          SizeArgument(ProductOfDims({fShape.begin() + 2, fShape.end()})) + ", tensor_" + fNX + ", " + statistics +
          ", tensor_" + fNY + ", " + fFunctor + ");";
}

std::vector<ROperator::PackedWeight> RBatchNormalization::GetPackedWeights() const
{
   if (!fIsPacked)
      return {};
   return {
      {"packed_" + fNY, fType, "Kernel::PackScaleShift<" + ConvertTypeToString(fType) + ">(" + StatisticsCode() + ")"}};
}

std::set<std::string> RBatchNormalization::GetPackedInputs() const
{
   return fIsPacked ? std::set<std::string>(fNStatistics.begin(), fNStatistics.end()) : std::set<std::string>{};
}

bool RBatchNormalization::ActsOnRows(const std::vector<bool> &batched) const
{
   return batched[0] && std::count(batched.begin(), batched.end(), true) == 1;
}

bool RBatchNormalization::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fFunctor, fOpType, fNY);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
