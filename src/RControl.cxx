#include "TMVA/SOFIE/RControl.hxx"

#include "TMVA/RModel.hxx"

#include <algorithm>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RControl::RTransfer RControl::Transfer(const RModel &model, const std::string &from, const std::string &to) const
{
   auto const shapeFrom = model.GetDimTensorShape(from);
   auto const shapeTo = model.GetDimTensorShape(to);
   auto const type = model.GetTensorType(to);
   std::string const both = from + " " + ConvertTypeToString(model.GetTensorType(from)) + " " +
                            ConvertDimShapeToString(shapeFrom) + " as " + to + " " + ConvertTypeToString(type) + " " +
                            ConvertDimShapeToString(shapeTo);
   if (model.GetTensorType(from) != type || shapeFrom.size() != shapeTo.size())
      Fail("it cannot hand on " + both);
   RTransfer transfer{from, to, {}, ""};
   for (size_t i = 0; i < shapeTo.size(); ++i) {
      if (shapeTo[i] == shapeFrom[i])
         continue;
      if (!shapeTo[i].isParam || !model.IsDataDim(shapeTo[i].param))
         Fail("it cannot hand on " + both + ", dimension " + std::to_string(i) + " differs");
      transfer.fSizes.emplace_back(shapeTo[i].param, shapeFrom[i].GetVal());
   }
   if (model.IsShapeTensor(from)) {
      auto const &values = model.GetShapeTensorValues(from);
      for (size_t i = 0; i < values.size(); ++i)
         transfer.fCode += "tensor_" + to + "[" + std::to_string(i) + "] = int64_t(" + values[i].GetVal() + ");\n";
   } else {
      transfer.fCode = "std::memcpy(tensor_" + to + ", tensor_" + from + ", (" + ProductOfDims(shapeTo).GetVal() +
                       ") * sizeof(*tensor_" + to + "));\n";
   }
   return transfer;
}

std::string RControl::Code(const std::vector<RTransfer> &transfers, const RBlockPrinter &printer)
{
   // All new sizes before the first is set: they may be made of the old ones.
   std::string computed;
   std::string set;
   std::string copies;
   for (auto const &transfer : transfers) {
      for (auto const &[name, value] : transfer.fSizes) {
         computed += "   size_t const next_" + name + " = " + value + ";\n";
         set += "   " + name + " = next_" + name + ";\n";
      }
      copies += printer.fGrow(transfer.fTo, false) + transfer.fCode;
   }
   return (set.empty() ? "" : "{\n" + computed + set + "}\n") + copies;
}

void RControl::Register(const RBlock &block)
{
   for (auto const &name : block.OuterTensors()) {
      if (std::find(fInputTensorNames.begin(), fInputTensorNames.end(), name) == fInputTensorNames.end())
         fInputTensorNames.push_back(name);
   }
   auto const own = block.OwnTensors();
   fScratchTensorNames.insert(fScratchTensorNames.end(), own.begin(), own.end());
}

void RControl::RequireScalar(const RModel &model, const std::string &name, ETensorType type) const
{
   RequireTensor(model, name, type);
   if (ProductOfDims(model.GetDimTensorShape(name)) != Dim(size_t(1)))
      Fail(name + " has the shape " + ConvertDimShapeToString(model.GetDimTensorShape(name)) +
           ", but must be one value");
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
