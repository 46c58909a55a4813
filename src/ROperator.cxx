#include "TMVA/ROperator.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <stdexcept>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator::~ROperator() = default;

std::vector<std::vector<size_t>> ROperator::ShapeInference(std::vector<std::vector<size_t>>)
{
   Fail("ShapeInference is not provided, shapes are settled by Initialize");
}

std::vector<ETensorType> ROperator::TypeInference(std::vector<ETensorType> inputs)
{
   return inputs;
}

// What an operator that says nothing of its own has. Not in the header, where cling would compile it for each class that it makes.

std::string ROperator::GenerateSizes(std::string)
{
   return fSizesCode;
}

std::string ROperator::GenerateControl(const std::string &opName, const RBlockPrinter &)
{
   return Generate(opName);
}

std::vector<RBlock *> ROperator::GetBlocks()
{
   return {};
}

std::string ROperator::GenerateInitCode()
{
   return "";
}

std::string ROperator::GenerateDeclCode()
{
   return "";
}

std::string ROperator::GenerateSessionMembersCode(std::string)
{
   return "";
}

std::string ROperator::Header()
{
   return "";
}

std::vector<std::string> ROperator::GetBlasRoutines()
{
   return {};
}

std::vector<std::string> ROperator::GetStdLibs()
{
   return {};
}

std::string ROperator::GetOpType() const
{
   return "Operator";
}

std::vector<std::string> ROperator::GetKernels() const
{
   return {};
}

std::vector<ROperator::PackedWeight> ROperator::GetPackedWeights() const
{
   return {};
}

std::vector<ROperator::SizeCheck> ROperator::GetSizeChecks() const
{
   return {};
}

std::set<std::string> ROperator::GetPackedInputs() const
{
   return {};
}

Dim ROperator::GetFlops(const RModel &) const
{
   return Dim(size_t(0));
}

std::string ROperator::GetEpilogue() const
{
   return "";
}

std::optional<ROperator::Addend> ROperator::GetAddend(const std::string &) const
{
   return {};
}

std::string ROperator::SizeArgument(const Dim &dim)
{
   return dim.isParam ? "size_t(" + dim.param + ")" : "Kernel::Fixed<" + std::to_string(dim.dim) + ">{}";
}

std::vector<Dim> ROperator::SizesIn(RModel &model, const std::string &name)
{
   RequireTensor(model, name);
   if (model.IsShapeTensor(name))
      return model.GetShapeTensorValues(name);
   std::vector<Dim> sizes;
   if (model.IsInitializedTensor(name)) {
      for (auto const size : IntegerValues(model, name)) {
         if (size < 0)
            Fail(name + " has the dimension " + std::to_string(size));
         sizes.emplace_back(static_cast<size_t>(size));
      }
      return sizes;
   }
   RequireTensor(model, name, ETensorType::INT64);
   Dim const count = ProductOfDims(model.GetDimTensorShape(name));
   if (count.isParam)
      Fail("it is not known how many dimensions are in " + name);
   for (size_t i = 0; i < count.dim; ++i) {
      sizes.emplace_back(model.AddDataDim(fOutputTensorNames.at(0) + "_" + std::to_string(i)));
      fSizesCode +=
         sizes.back().param + " = Kernel::SizeOf(tensor_" + name + "[" + std::to_string(i) + "], \"" + name + "\");\n";
   }
   return sizes;
}

Dim ROperator::LengthOf(const RModel &model, const std::string &name)
{
   return ProductOfDims(model.GetDimTensorShape(name));
}

std::string ROperator::Literal(double value, ETensorType type)
{
   switch (type) {
   case ETensorType::FLOAT: return ConvertValToString(static_cast<float>(value));
   case ETensorType::DOUBLE: return ConvertValToString(value);
   default: return ConvertValToString(static_cast<std::int64_t>(value));
   }
}

void ROperator::Fail(const std::string &what) const
{
   throw std::runtime_error("TMVA-SOFIE: " + GetOpType() + (fOrigin.empty() ? "" : " at " + fOrigin) + ": " + what);
}

void ROperator::RequireTensor(const RModel &model, const std::string &name) const
{
   if (!model.CheckIfTensorAlreadyExist(name)) {
      Fail("input tensor " + name + " is not found in the model");
   }
}

void ROperator::RequireTensor(const RModel &model, const std::string &name, ETensorType type) const
{
   RequireTensor(model, name);
   if (model.GetTensorType(name) != type) {
      Fail("input tensor " + name + " is of type " + ConvertTypeToString(model.GetTensorType(name)) + ", not " +
           ConvertTypeToString(type));
   }
}

std::vector<Dim> ROperator::BroadcastShape(const std::vector<std::pair<std::string, std::vector<Dim>>> &inputs) const
{
   std::vector<Dim> common;
   try {
      for (auto const &[name, shape] : inputs)
         common = UTILITY::MultidirectionalBroadcastShape(common, shape).second;
   } catch (const std::runtime_error &) {
      std::string all;
      for (auto const &[name, shape] : inputs)
         all += (all.empty() ? "" : ", ") + name + " " + ConvertDimShapeToString(shape);
      Fail("the shapes do not broadcast: " + all);
   }
   return common;
}

bool ROperator::TakeOver(const ROperator &next, std::string &functor, std::string &opType, std::string &nameY)
{
   functor = functor == "Kernel::Identity{}" ? next.GetEpilogue()
                                             : "Kernel::Then(" + functor + ", " + next.GetEpilogue() + ")";
   opType += " + " + next.GetOpType();
   nameY = next.GetOpOutputTensors().at(0);
   fOutputTensorNames = {nameY};
   return true;
}

bool ROperator::TakeOver(const ROperator &next, const Addend &addend, std::string &opType, std::string &nameY)
{
   opType += " + " + next.GetOpType();
   nameY = next.GetOpOutputTensors().at(0);
   fOutputTensorNames = {nameY};
   fInputTensorNames.push_back(addend.fName);
   return true;
}

std::string ROperator::PackedTypeCode(ETensorType type, ETensorType packedType)
{
   return packedType == type ? "" : ", " + StorageType(packedType);
}

std::string ROperator::FinishCode(const std::string &nameAddend, const std::string &places, const std::string &nameY,
                                  const std::string &functor)
{
   return nameAddend.empty() ? functor
                             : "Kernel::AddTensor(tensor_" + nameAddend + ", tensor_" + nameY + ", " + functor +
                                  (places.empty() ? "" : ", " + places) + ")";
}

std::optional<std::string> ROperator::PlacesCode(const std::vector<Dim> &shapeAddend, const std::vector<Dim> &shapeY)
{
   if (shapeAddend == shapeY)
      return "";
   // Shorter rows may be written several at once, in one vector.
   constexpr size_t kLeastLength = 16;
   Dim const length = shapeY.empty() ? Dim(size_t(0)) : shapeY.back();
   if (shapeAddend.size() != shapeY.size() || shapeAddend.back() != length || length.isParam ||
       length.dim < kLeastLength || shapeAddend[0] != shapeY[0])
      return {};
   Dim times(size_t(1));
   size_t d = shapeY.size() - 1;
   for (; d > 1 && shapeAddend[d - 1] == Dim(size_t(1)); --d)
      times = MulDims(times, shapeY[d - 1]);
   if (!std::equal(shapeY.begin(), shapeY.begin() + static_cast<std::ptrdiff_t>(d), shapeAddend.begin()))
      return {};
   return "Kernel::RepeatedRows(" + SizeArgument(length) + ", " + SizeArgument(times) + ")";
}

void ROperator::ReadChannelsLast(RModel &model, std::string &name)
{
   std::string const last = model.ChannelsLast(name);
   std::replace(fInputTensorNames.begin(), fInputTensorNames.end(), name, last);
   name = last;
}

void ROperator::WriteChannelsLast(RModel &model, std::string &name)
{
   std::string const last = model.MakeChannelsLast(name);
   std::replace(fOutputTensorNames.begin(), fOutputTensorNames.end(), name, last);
   name = last;
}

std::string ROperator::AddScratch(RModel &model, ETensorType type, const Dim &length)
{
   std::string const name = model.FreeName("scratch_" + fOutputTensorNames.at(0));
   model.AddIntermediateTensor(name, type, std::vector<Dim>{length});
   fScratchTensorNames.push_back(name);
   return name;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
