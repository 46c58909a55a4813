#include "TMVA/SOFIE/RPool.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RPool::RPool(ETensorType type, PoolOpMode mode, RAttributes_Pool attributes, std::string nameX, std::string nameY)
   : RWindow({std::move(attributes.auto_pad), std::move(attributes.dilations), std::move(attributes.kernel_shape),
              std::move(attributes.pads), std::move(attributes.strides), attributes.ceil_mode != 0}),
     fType(type), fMode(mode), fCountIncludePad(attributes.count_include_pad != 0),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

std::string RPool::GetOpType() const
{
   switch (fMode) {
   case MaxPool: return "MaxPool";
   case AveragePool: return "AveragePool";
   case GlobalAveragePool: return "GlobalAveragePool";
   default: return "Pool";
   }
}

void RPool::Initialize(RModel &model)
{
   if (fMode == InvalidPool)
      Fail("the mode is none of MaxPool, AveragePool and GlobalAveragePool");
   bool const isFloat = fType == ETensorType::FLOAT || fType == ETensorType::DOUBLE;
   if (!isFloat && (fMode != MaxPool || GetTypeSize(fType) == 0 || fType == ETensorType::BOOL))
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   RequireTensor(model, fNX, fType);
   auto const shapeX = model.GetDimTensorShape(fNX);
   std::vector<Dim> shapeY(shapeX.begin(), shapeX.begin() + std::min<std::ptrdiff_t>(2, std::ptrdiff_t(shapeX.size())));
   if (fMode == GlobalAveragePool) {
      if (shapeX.size() < 3)
         Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) + " has no spatial dimensions");
      shapeY.resize(shapeX.size(), Dim(size_t(1)));
   } else {
      auto const spatial = SettleWindow(fNX, shapeX);
      shapeY.insert(shapeY.end(), spatial.begin(), spatial.end());
   }
   fPlanes = MulDims(shapeX[0], shapeX[1]);
   fElements = ProductOfDims({shapeX.begin() + 2, shapeX.end()});
   if (fElements == Dim(size_t(0)))
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) + " is empty");
   model.AddIntermediateTensor(fNY, fType, shapeY);
   if (!IsGlobalMean()) {
      Dim const rows = MulDims(GetStagedLength(1), Dim(size_t(2)));
      AddScratch(model, fType, AddDims(rows, fMode == AveragePool ? GetRowLength() : Dim(size_t(0))));
   }
}

bool RPool::IsGlobalMean() const
{
   return fMode == GlobalAveragePool || (fMode == AveragePool && IsGlobal());
}

std::string RPool::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   std::string const call = "Kernel::Isa<W>::template Call<Kernel::";
   if (IsGlobalMean())
      return call + "GlobalMean<" + type + ">>(size_t(" + fPlanes.GetVal() + "), size_t(" + fElements.GetVal() +
             "), tensor_" + fNX + ", tensor_" + fNY + ");";
   std::string const of = fMode == MaxPool   ? "Kernel::MaxOf"
                          : fCountIncludePad ? "Kernel::MeanOf<true>"
                                             : "Kernel::MeanOf<false>";
   return call + "Pool<" + type + ", " + of + ">>(size_t(" + fPlanes.GetVal() + "), " + WindowCode() + ", tensor_" +
          fNX + ", tensor_" + fNY + ", tensor_" + fScratchTensorNames.at(0) + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
