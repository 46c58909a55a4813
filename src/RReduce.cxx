#include "TMVA/SOFIE/RReduce.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <array>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RReduce::RReduce(ETensorType type, EReduceOpMode mode, int keepdims, std::vector<std::int64_t> axes, std::string nameX,
                 std::string nameAxes, std::string nameY)
   : fType(type), fMode(mode), fKeepDims(keepdims != 0), fAxes(std::move(axes)),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNAxes(UTILITY::Clean_name(std::move(nameAxes))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

std::string RReduce::GetOpType() const
{
   return std::array<const char *, 11>{"ReduceMean",   "ReduceSum",       "ReduceSumSquare", "ReduceProd",
                                       "ReduceMax",    "ReduceMin",       "ReduceL2",        "ReduceL1",
                                       "ReduceLogSum", "ReduceLogSumExp", "InvalidReduceOp"}
      .at(fMode);
}

void RReduce::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   if (!fNAxes.empty()) {
      RequireTensor(model, fNAxes);
      if (!model.IsInitializedTensor(fNAxes))
         Fail("the axes in " + fNAxes + " are computed at run time");
      fAxes = IntegerValues(model, fNAxes);
   }
   auto const shape = model.GetDimTensorShape(fNX);
   fIsReduced.assign(shape.size(), fAxes.empty());
   for (auto const axis : fAxes) {
      size_t const place = AxisOf(axis, shape.size());
      if (place >= shape.size() || fIsReduced[place])
         Fail("the axes " + ConvertValuesToString(fAxes) + " are not different dimensions of " + fNX + " " +
              ConvertDimShapeToString(shape));
      fIsReduced[place] = true;
   }
   fKeepsRows = !shape.empty() && !fIsReduced[0];
   std::vector<Dim> shapeY;
   fCount = Dim(size_t(1));
   for (size_t d = 0; d < shape.size(); ++d) {
      if (fIsReduced[d])
         fCount = MulDims(fCount, shape[d]);
      if (!fIsReduced[d] || fKeepDims)
         shapeY.push_back(fIsReduced[d] ? Dim(size_t(1)) : shape[d]);
   }
   Split(shape);
   model.AddIntermediateTensor(fNY, fType, shapeY);
}

/// Merge neighbours of one kind, and deal them out to the loops and the innermost run.
void RReduce::Split(const std::vector<Dim> &shape)
{
   for (auto *loops : {&fKept, &fKeptStrides, &fReduced, &fReducedStrides})
      loops->clear();
   std::vector<Dim> sizes;
   std::vector<bool> kinds;
   for (size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] == Dim(size_t(1)))
         continue;
      if (!kinds.empty() && kinds.back() == fIsReduced[d]) {
         sizes.back() = MulDims(sizes.back(), shape[d]);
      } else {
         sizes.push_back(shape[d]);
         kinds.push_back(fIsReduced[d]);
      }
   }
   fRun = sizes.empty() ? Dim(size_t(1)) : sizes.back();
   fIsRows = !kinds.empty() && kinds.back();
   auto const strides = UTILITY::ComputeStrideFromShape(sizes);
   for (size_t d = 0; d + 1 < sizes.size(); ++d) {
      (kinds[d] ? fReduced : fKept).push_back(sizes[d]);
      (kinds[d] ? fReducedStrides : fKeptStrides).push_back(strides[d]);
   }
}

void RReduce::ChooseLayout(RModel &model)
{
   if (!model.HasChannelsLast(fNX) || fIsReduced[0])
      return;
   // A sum over channels is one of a row then, which is to be long enough.
   constexpr size_t kLeastChannels = 16;
   bool const hasChannels = !fIsReduced[1] || fKeepDims;
   Dim const channels = model.GetDimTensorShape(fNX)[1];
   if (fIsReduced[1] && (channels.isParam || channels.dim < kLeastChannels))
      return;
   ReadChannelsLast(model, fNX);
   std::rotate(fIsReduced.begin() + 1, fIsReduced.begin() + 2, fIsReduced.end());
   Split(model.GetDimTensorShape(fNX));
   if (hasChannels && model.GetDimTensorShape(fNY).size() > 2)
      WriteChannelsLast(model, fNY);
}

/// The type that sums and products are computed in.
std::string RReduce::Wide() const
{
   switch (fMode) {
   case ReduceMax:
   case ReduceMin: return StorageType(fType);
   case ReduceL2:
   case ReduceLogSum: return "double";
   case ReduceMean:
      if (fType == ETensorType::INT32)
         return "int64_t";
      if (fType == ETensorType::UINT32)
         return "uint64_t";
      [[fallthrough]];
   default: return fType == ETensorType::FLOAT ? "double" : StorageType(fType);
   }
}

/// What changes no maximum (sign = "-") or minimum (sign = "").
std::string RReduce::Extreme(const std::string &sign) const
{
   std::string const limits = "std::numeric_limits<" + StorageType(fType) + ">::";
   if (fType == ETensorType::FLOAT || fType == ETensorType::DOUBLE)
      return sign + limits + "infinity()";
   if (fType == ETensorType::BOOL)
      return sign.empty() ? "1" : "0";
   return limits + (sign.empty() ? "max()" : "lowest()");
}

std::string RReduce::Generate(std::string)
{
   std::string const type = StorageType(fType);
   std::string const wide = Wide();
   std::string function = "Add", before = "Identity", start = "0", after = "Kernel::Identity{}";
   switch (fMode) {
   case ReduceMean:
      after = "Kernel::WithRight<Kernel::Div, " + wide + ">{" + wide + "(" + fCount.GetVal() + ")}";
      break;
   case ReduceL1: before = "Abs"; break;
   case ReduceSumSquare: before = "Square"; break;
   case ReduceL2:
      before = "Square";
      after = "Kernel::Sqrt{}";
      break;
   case ReduceLogSum: after = "Kernel::Log{}"; break;
   case ReduceProd:
      function = "Mul";
      start = "1";
      break;
   case ReduceMin:
      function = "Min";
      start = Extreme("");
      break;
   case ReduceMax:
   case ReduceLogSumExp: // the maxima first
      function = "Max";
      start = Extreme("-");
      break;
   default: break;
   }
   std::string const kind = fIsRows ? "Rows<" : "Columns<";
   std::string const places = LoopCode(fKept, {fKeptStrides}) + ", " + LoopCode(fReduced, {fReducedStrides}) + ", " +
                              SizeArgument(fRun) + ", tensor_" + fNX + ", tensor_" + fNY;
   std::string code = "Kernel::Isa<W>::template Call<Kernel::Reduce" + kind + type + ", " +
                      (fMode == ReduceLogSumExp ? type : wide) + ", Kernel::" + function + ", Kernel::" + before +
                      ">>(" + places + ", " + type + "(" + start + "), " + after + ");";
   if (fMode == ReduceLogSumExp)
      code += "\nKernel::Isa<W>::template Call<Kernel::LogSumExp" + kind + type + ">>(" + places + ");";
   return code;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
