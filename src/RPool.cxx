#include "TMVA/SOFIE/RPool.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RPool::RPool(ETensorType type, PoolOpMode mode, RAttributes_Pool attributes, std::string nameX, std::string nameY,
             std::string nameIndices)
   : RWindow({std::move(attributes.auto_pad), std::move(attributes.dilations), std::move(attributes.kernel_shape),
              std::move(attributes.pads), std::move(attributes.strides), attributes.ceil_mode != 0}),
     fType(type), fMode(mode), fCountIncludePad(attributes.count_include_pad != 0),
     fIsByColumns(attributes.storage_order != 0), fPower(attributes.p), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNY(UTILITY::Clean_name(std::move(nameY))), fNIndices(UTILITY::Clean_name(std::move(nameIndices)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
   if (!fNIndices.empty())
      fOutputTensorNames.push_back(fNIndices);
}

std::string RPool::GetOpType() const
{
   switch (fMode) {
   case MaxPool: return "MaxPool";
   case AveragePool: return "AveragePool";
   case GlobalAveragePool: return "GlobalAveragePool";
   case LpPool: return "LpPool";
   case GlobalMaxPool: return "GlobalMaxPool";
   case GlobalLpPool: return "GlobalLpPool";
   default: return "Pool";
   }
}

void RPool::Initialize(RModel &model)
{
   if (fMode == InvalidPool)
      Fail("the mode is none of MaxPool, AveragePool, LpPool and the global ones");
   bool const isFloat = fType == ETensorType::FLOAT || fType == ETensorType::DOUBLE;
   if (!isFloat && (!IsMax() || GetTypeSize(fType) == 0 || fType == ETensorType::BOOL))
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   RequireTensor(model, fNX, fType);
   fShapeX = model.GetDimTensorShape(fNX);
   std::vector<Dim> shapeY(fShapeX.begin(),
                           fShapeX.begin() + std::min<std::ptrdiff_t>(2, std::ptrdiff_t(fShapeX.size())));
   if (!IsMax() && fMode != AveragePool && fMode != GlobalAveragePool && (fPower == 0 || fPower > 1000))
      Fail("p " + std::to_string(fPower) + " is not between 1 and 1000");
   if (!fNIndices.empty() && fMode != MaxPool)
      Fail("only MaxPool has indices");
   if (IsGlobal()) {
      if (fShapeX.size() < 3)
         Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShapeX) + " has no spatial dimensions");
      shapeY.resize(fShapeX.size(), Dim(size_t(1)));
   } else {
      auto const spatial = SettleWindow(fNX, fShapeX, fNIndices.empty());
      shapeY.insert(shapeY.end(), spatial.begin(), spatial.end());
   }
   fPlanes = MulDims(fShapeX[0], fShapeX[1]);
   fElements = ProductOfDims({fShapeX.begin() + 2, fShapeX.end()});
   if (fElements == Dim(size_t(0)))
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(fShapeX) + " is empty");
   model.AddIntermediateTensor(fNY, fType, shapeY);
   if (!fNIndices.empty()) {
      model.AddIntermediateTensor(fNIndices, ETensorType::INT64, shapeY);
   } else if (!IsGlobal() && !IsGlobalMean()) {
      Dim const rows = MulDims(GetStagedLength(1), Dim(size_t(2)));
      AddScratch(model, fType, AddDims(rows, fMode == AveragePool ? GetRowLength() : Dim(size_t(0))));
   }
}

void RPool::ChooseLayout(RModel &model)
{
   if (!model.HasChannelsLast(fNX) || !fNIndices.empty() || fShapeX[1].isParam || fShapeX.size() > 5)
      return;
   fIsLast = true;
   fScratchTensorNames.clear();
   ReadChannelsLast(model, fNX);
   WriteChannelsLast(model, fNY);
}

/// The window that is the whole of each image.
std::string RPool::WholeWindowCode() const
{
   std::string sizes;
   for (size_t d = fShapeX.size(); d < 5; ++d)
      sizes += "1, ";
   for (size_t d = 2; d < fShapeX.size(); ++d)
      sizes += fShapeX[d].GetVal() + (d + 1 < fShapeX.size() ? ", " : "");
   return "Kernel::Window{{" + sizes + "}, {1, 1, 1}, {" + sizes + "}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}}";
}

bool RPool::IsGlobalMean() const
{
   return fMode == GlobalAveragePool || (fMode == AveragePool && IsWholeInput());
}

std::string RPool::OfCode() const
{
   if (IsMax())
      return "Kernel::MaxOf";
   if (fMode == AveragePool)
      return fCountIncludePad ? "Kernel::MeanOf<true>" : "Kernel::MeanOf<false>";
   return "Kernel::NormOf<" + std::to_string(fPower) + ">";
}

std::string RPool::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   std::string const call = "Kernel::Isa<W>::template Call<Kernel::";
   std::string const planes = "size_t(" + fPlanes.GetVal() + "), ";
   if (fIsLast)
      return call + "PoolLast<" + type + ", " + (fMode == GlobalAveragePool ? "Kernel::MeanOf<false>" : OfCode()) +
             ">>(size_t(" + fShapeX[0].GetVal() + "), " + SizeArgument(fShapeX[1]) + ", " +
             (IsGlobal() ? WholeWindowCode() : WindowCode()) + ", tensor_" + fNX + ", tensor_" + fNY + ");";
   if (IsGlobalMean() || IsGlobal())
      return call + (IsGlobalMean() ? "GlobalMean<" + type : "GlobalPool<" + type + ", " + OfCode()) + ">>(" + planes +
             "size_t(" + fElements.GetVal() + "), tensor_" + fNX + ", tensor_" + fNY + ");";
   if (!fNIndices.empty())
      return call + "MaxPoolWithIndices<" + type + (fIsByColumns ? ", true" : ", false") + ">>(" + planes +
             WindowCode() + ", tensor_" + fNX + ", tensor_" + fNY + ", tensor_" + fNIndices + ");";
   return call + "Pool<" + type + ", " + OfCode() + ">>(" + planes + WindowCode() + ", tensor_" + fNX + ", tensor_" +
          fNY + ", tensor_" + fScratchTensorNames.at(0) + ");";
}

Dim RPool::GetFlops(const RModel &model) const
{
   return IsGlobal() ? LengthOf(model, fNX) : MulDims(LengthOf(model, fNY), Dim(GetTaps()));
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
