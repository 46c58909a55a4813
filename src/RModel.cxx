#include "TMVA/RModel.hxx"

#include "TMVA/ROperator_Transpose.hxx"
#include "TMVA/SOFIE/RCodeWriter.hxx"
#include "TMVA/SOFIE/RMemoryPlanner.hxx"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

bool IsKnown(const std::vector<Dim> &shape)
{
   return std::none_of(shape.begin(), shape.end(), [](const Dim &d) { return d.isParam; });
}

bool Mentions(const Dim &dim, const std::string &name)
{
   if (!dim.isParam)
      return false;
   auto const names = GetDimNames(dim);
   return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

RModel::RModel() = default;
RModel::RModel(std::string name, std::string parsedtime) : RModel_Base(std::move(name), std::move(parsedtime)) {}
RModel::RModel(std::string functionName) : RModel_Base(std::move(functionName)) {}
RModel::RModel(RModel &&) = default;
RModel &RModel::operator=(RModel &&) = default;
RModel::~RModel() = default;

// ---------------------------------------------------------------------------------------------------- tensors

void RModel::CheckNewTensor(const std::string &name) const
{
   if (fInputTensorInfos.count(name) > 0) {
      throw std::runtime_error("TMVA-SOFIE: input tensor with name " + name + " already exists");
   }
   if (fInitializedTensors.count(name) > 0) {
      throw std::runtime_error("TMVA-SOFIE: initialized tensor with name " + name + " already exists");
   }
   if (CheckIfTensorAlreadyExist(name)) {
      throw std::runtime_error("TMVA-SOFIE: intermediate tensor with name " + name + " already exists");
   }
}

bool RModel::CheckIfTensorAlreadyExist(const std::string &name) const
{
   return fInputTensorInfos.count(name) > 0 || fInitializedTensors.count(name) > 0 ||
          fIntermediateTensorInfos.count(name) > 0 || fShapeTensors.count(name) > 0;
}

std::vector<Dim> RModel::GetDimTensorShape(const std::string &name) const
{
   if (auto it = fInputTensorInfos.find(name); it != fInputTensorInfos.end())
      return it->second.shape;
   if (auto it = fInitializedTensors.find(name); it != fInitializedTensors.end())
      return ConvertShapeToDim(it->second.shape());
   if (auto it = fIntermediateTensorInfos.find(name); it != fIntermediateTensorInfos.end())
      return it->second.shape;
   if (auto it = fShapeTensors.find(name); it != fShapeTensors.end())
      return it->second.second ? std::vector<Dim>{} : std::vector<Dim>{Dim(it->second.first.size())};
   throw std::runtime_error("TMVA SOFIE tensor [" + name + "] for which the shape is requested is not found");
}

std::vector<size_t> RModel::GetTensorShape(const std::string &name) const
{
   auto const shape = GetDimTensorShape(name);
   if (!IsKnown(shape)) {
      throw std::runtime_error("TMVA SOFIE tensor [" + name + "] has the shape " + ConvertDimShapeToString(shape) +
                               ", which is not fixed");
   }
   return ConvertShapeToInt(shape);
}

std::vector<Dim> RModel::GetDynamicTensorShape(const std::string &name) const
{
   auto const shape = GetDimTensorShape(name);
   if (IsKnown(shape)) {
      throw std::runtime_error("TMVA SOFIE tensor [" + name + "] has a fixed shape");
   }
   return shape;
}

ETensorType RModel::GetTensorType(const std::string &name) const
{
   if (auto it = fInputTensorInfos.find(name); it != fInputTensorInfos.end())
      return it->second.type;
   if (auto it = fInitializedTensors.find(name); it != fInitializedTensors.end())
      return it->second.type();
   if (auto it = fIntermediateTensorInfos.find(name); it != fIntermediateTensorInfos.end())
      return it->second.type;
   if (fShapeTensors.count(name) > 0)
      return ETensorType::INT64;
   throw std::runtime_error("TMVA SOFIE tensor [" + name + "] for which the type is requested is not found");
}

const std::vector<Dim> &RModel::GetShapeTensorValues(const std::string &name) const
{
   auto const it = fShapeTensors.find(name);
   if (it == fShapeTensors.end()) {
      throw std::runtime_error("TMVA SOFIE tensor [" + name + "] is not a tensor of dimensions");
   }
   return it->second.first;
}

void RModel::AddDimNames(const std::vector<Dim> &shape)
{
   for (auto const &dim : shape) {
      if (dim.isParam)
         AddShapeParam(dim.param, dim.IsExpression() ? 0 : dim.dim);
   }
}

void RModel::AddShapeParam(const std::string &name, size_t def)
{
   if (!IsUsableName(name)) {
      throw std::runtime_error(
         "TMVA-SOFIE: \"" + EscapeText(name) +
         "\" cannot name a dimension: it becomes a parameter of infer, hence an identifier that is "
         "neither a keyword of C++ nor used by the generated code");
   }
   fShapeParams.emplace(name, def);
   if (std::find(fDimShapeNames.begin(), fDimShapeNames.end(), name) == fDimShapeNames.end())
      fDimShapeNames.push_back(name);
}

void RModel::AddInputTensorInfo(const std::string &rawName, ETensorType type, const std::vector<Dim> &shape)
{
   std::string const name = UTILITY::Clean_name(rawName);
   CheckNewTensor(name);
   if (ConvertTypeToString(type).rfind("other", 0) == 0) {
      throw std::runtime_error("TMVA-SOFIE: input tensor " + name + " has the type " + ConvertTypeToString(type) +
                               ", which is not supported");
   }
   AddDimNames(shape);
   fInputTensorInfos[name] = InputTensorInfo{type, shape};
}

void RModel::AddInputTensorInfo(const std::string &name, ETensorType type, const std::vector<size_t> &shape)
{
   AddInputTensorInfo(name, type, ConvertShapeToDim(shape));
}

void RModel::AddInitializedTensor(std::string name, ETensorType type, std::vector<size_t> shape,
                                  std::shared_ptr<void> data)
{
   name = UTILITY::Clean_name(std::move(name));
   CheckNewTensor(name);
   // Only what is trained goes to a file; shapes and indices are part of the code.
   bool const isConstant = type != ETensorType::FLOAT && type != ETensorType::DOUBLE;
   fInitializedTensors.emplace(name, InitializedTensor(type, std::move(shape), std::move(data), isConstant));
}

void RModel::AddConstantTensor(std::string name, ETensorType type, std::vector<size_t> shape,
                               std::shared_ptr<void> data)
{
   name = UTILITY::Clean_name(std::move(name));
   CheckNewTensor(name);
   fInitializedTensors.emplace(name, InitializedTensor(type, std::move(shape), std::move(data), true));
}

void RModel::AddCopy(const std::string &name, ETensorType type, const std::vector<size_t> &shape, const void *data,
                     bool isConstant)
{
   size_t const bytes = ConvertShapeToLength(shape) * GetTypeSize(type);
   std::shared_ptr<unsigned char> copy(new unsigned char[bytes > 0 ? bytes : 1],
                                       std::default_delete<unsigned char[]>());
   if (bytes > 0)
      std::memcpy(copy.get(), data, bytes);
   if (isConstant)
      AddConstantTensor(name, type, shape, std::move(copy));
   else
      AddInitializedTensor(name, type, shape, std::move(copy));
}

void RModel::AddShapeTensor(const std::string &name, const std::vector<Dim> &values, bool scalar)
{
   CheckNewTensor(UTILITY::Clean_name(name));
   std::vector<Dim> normal; // equal sizes have equal text
   for (auto const &value : values)
      normal.push_back(AddDims(value, Dim(size_t(0))));
   fShapeTensors[UTILITY::Clean_name(name)] = {std::move(normal), scalar};
}

void RModel::AddAliasTensor(const std::string &name, const std::string &origin)
{
   fAliasTensors[UTILITY::Clean_name(name)] = UTILITY::Clean_name(origin);
   if (!CheckIfTensorAlreadyExist(UTILITY::Clean_name(name)))
      AddIntermediateTensor(name, GetTensorType(UTILITY::Clean_name(origin)),
                            GetDimTensorShape(UTILITY::Clean_name(origin)));
}

std::string RModel::AddDataDim(const std::string &name, const std::optional<Dim> &atMost)
{
   std::string const unique = AddDataDim(name);
   if (atMost)
      fDataDimBounds.emplace(unique, atMost->GetVal());
   return unique;
}

std::string RModel::AddDataDim(const std::string &name)
{
   std::string unique = "size_" + UTILITY::Clean_name(name);
   while (fShapeParams.count(unique) > 0 || IsDataDim(unique))
      unique += "_";
   fDataDims.push_back(unique);
   return unique;
}

bool RModel::IsDataDim(const std::string &name) const
{
   return std::find(fDataDims.begin(), fDataDims.end(), name) != fDataDims.end();
}

bool RModel::IsSizedByData(const std::string &name) const
{
   return !fDataDims.empty() && IsOfDataDims(GetDimTensorShape(name));
}

bool RModel::IsOfDataDims(const std::vector<Dim> &sizes) const
{
   return std::any_of(sizes.begin(), sizes.end(), [&](const Dim &dim) {
      if (!dim.isParam)
         return false;
      auto const names = GetDimNames(dim);
      return std::any_of(names.begin(), names.end(), [&](const std::string &one) { return IsDataDim(one); });
   });
}

RBlock RModel::Absorb(std::unique_ptr<RModel> body)
{
   for (auto &[name, tensor] : body->fInitializedTensors) {
      CheckNewTensor(name);
      fInitializedTensors.emplace(name, std::move(tensor));
   }
   // What the model around does not know under its name is another size in each run.
   std::map<std::string, std::string> sizes;
   for (auto const &name : body->fInputTensorNames) {
      auto const &info = body->fInputTensorInfos.at(name);
      auto shape = info.shape;
      for (auto &dim : shape) {
         if (!dim.isParam || fShapeParams.count(dim.param) > 0)
            continue;
         auto const [size, isNew] = sizes.emplace(dim.param, "");
         if (isNew)
            size->second = AddDataDim(dim.param);
         dim.param = size->second;
      }
      AddIntermediateTensor(name, info.type, shape);
   }
   fOrigins.insert(body->fOrigins.begin(), body->fOrigins.end());
   return {std::move(body->fInputTensorNames), std::move(body->fOutputTensorNames), std::move(body->fOperators)};
}

void RModel::AddIntermediateTensor(std::string name, ETensorType type, std::vector<Dim> shape)
{
   name = UTILITY::Clean_name(std::move(name));
   CheckNewTensor(name);
   fIntermediateTensorInfos[name] = DynamicTensorInfo{type, std::move(shape)};
}

void RModel::AddIntermediateTensor(std::string name, ETensorType type, std::vector<size_t> shape)
{
   AddIntermediateTensor(std::move(name), type, ConvertShapeToDim(shape));
}

void RModel::AddDynamicTensor(std::string name, ETensorType type, std::vector<Dim> shape)
{
   AddIntermediateTensor(std::move(name), type, std::move(shape));
}

void RModel::AddInputTensorName(const std::string &name)
{
   fInputTensorNames.push_back(UTILITY::Clean_name(name));
}

void RModel::AddOutputTensorNameList(const std::vector<std::string> &names)
{
   std::vector<std::string> cleaned; // the names may be the model's own
   for (auto const &name : names)
      cleaned.push_back(UTILITY::Clean_name(name));
   fOutputTensorNames = std::move(cleaned);
}

void RModel::UpdateOutputTensorList(std::vector<std::string> curr, std::vector<std::string> repl)
{
   for (auto &name : fOutputTensorNames) {
      auto const found = std::find(curr.begin(), curr.end(), name);
      if (found != curr.end() && static_cast<size_t>(found - curr.begin()) < repl.size())
         name = UTILITY::Clean_name(repl[static_cast<size_t>(found - curr.begin())]);
   }
}

void RModel::UpdateInitializedTensor(std::string name, ETensorType type, std::vector<size_t> shape,
                                     std::shared_ptr<void> data)
{
   name = UTILITY::Clean_name(std::move(name));
   auto const it = fInitializedTensors.find(name);
   if (it == fInitializedTensors.end()) {
      throw std::runtime_error("TMVA-SOFIE: tensor " + name + " not found when trying to update it");
   }
   it->second = InitializedTensor(type, std::move(shape), std::move(data), it->second.IsConstantTensor());
}

std::shared_ptr<void> RModel::GetInitializedTensorData(const std::string &name)
{
   auto const it = fInitializedTensors.find(UTILITY::Clean_name(name));
   if (it == fInitializedTensors.end()) {
      throw std::runtime_error("TMVA-SOFIE: tensor " + name + " not found when trying to get its data");
   }
   return it->second.sharedptr();
}

void RModel::SetNotWritableInitializedTensor(const std::string &name)
{
   auto const it = fInitializedTensors.find(UTILITY::Clean_name(name));
   if (it == fInitializedTensors.end()) {
      throw std::runtime_error("TMVA-SOFIE: initialized tensor " + name +
                               " not found when trying to set it not writable");
   }
   it->second.SetNotWritable();
}

void RModel::SetTensorOrigin(const std::string &name, const std::string &original)
{
   fOrigins[UTILITY::Clean_name(name)] = original;
}

bool RModel::IsInitializedTensor(const std::string &name) const
{
   return fInitializedTensors.count(name) > 0;
}

bool RModel::IsConstantTensor(const std::string &name) const
{
   auto const it = fInitializedTensors.find(name);
   return it != fInitializedTensors.end() && it->second.IsConstantTensor();
}

bool RModel::IsDynamicTensor(const std::string &name) const
{
   auto const it = fIntermediateTensorInfos.find(name);
   return it != fIntermediateTensorInfos.end() && !IsKnown(it->second.shape);
}

bool RModel::IsDimInputTensor(const std::string &name) const
{
   auto const it = fInputTensorInfos.find(name);
   return it != fInputTensorInfos.end() && !IsKnown(it->second.shape);
}

bool RModel::IsReadyInputTensor(const std::string &name) const
{
   auto const it = fInputTensorInfos.find(name);
   return it != fInputTensorInfos.end() && IsKnown(it->second.shape);
}

bool RModel::IsShapeTensor(const std::string &name) const
{
   return fShapeTensors.count(name) > 0;
}

bool RModel::IsAliasTensor(const std::string &name) const
{
   return fAliasTensors.count(name) > 0;
}

const std::string &RModel::GetAliasedTensor(const std::string &name) const
{
   auto const found = fAliasTensors.find(name);
   return found == fAliasTensors.end() ? name : GetAliasedTensor(found->second);
}

// -------------------------------------------------------------------------------------------------- operators

void RModel::AddOperator(std::unique_ptr<ROperator> op, int order_execution)
{
   if (!op) {
      throw std::runtime_error("TMVA-SOFIE: no operator to add");
   }
   for (auto const &header : op->GetStdLibs())
      AddNeededStdLib(header);
   AddBlasRoutines(op->GetBlasRoutines());
   auto const size = static_cast<int>(fOperators.size());
   int const place = order_execution >= 0 && order_execution < size ? order_execution : size;
   fOperators.insert(fOperators.begin() + place, std::move(op));
}

void RModel::AddOperatorReference(ROperator *op, int order_execution)
{
   AddOperator(std::unique_ptr<ROperator>(op), order_execution);
}

// --------------------------------------------------------------------------------------------------- settling

void RModel::Initialize(int batchSize, bool verbose)
{
   std::map<std::string, size_t> params;
   if (batchSize > 0) {
      for (auto const *name : {"input_size", "batch_size", "bs"})
         params[name] = static_cast<size_t>(batchSize);
   }
   Initialize(params, verbose);
}

void RModel::Initialize(const std::map<std::string, size_t> &inputParams, bool verbose)
{
   if (fIsInitialized)
      return;
   // Python calls Initialize or Generate once more where the first overload has thrown: the reason stays the same.
   if (!fFailure.empty())
      throw std::runtime_error(fFailure);
   fVerbose = verbose ? 1 : 0;
   SubstituteParams(inputParams);
   for (auto const &name : fInputTensorNames) {
      if (fInputTensorInfos.count(name) == 0) {
         throw std::runtime_error("TMVA-SOFIE: input tensor " + name + " has no type and shape");
      }
   }
   try {
      Settle();
   } catch (const std::exception &error) {
      fFailure = error.what();
      throw;
   }
   fIsInitialized = true;
}

void RModel::Settle()
{
   InitializeOperators();
   CheckOutputs();
   RemoveUnusedOperators();
   VisitOperators([&](ROperator &op) {
      for (auto *block : op.GetBlocks())
         FuseOperators(block->fOperators, block->fOutputs);
   });
   FuseOperators(fOperators, fOutputTensorNames);
   CheckWeightType();
   FindBatch();
   ShareStorage();
   PlanRows();
}

void RModel::InitializeOperators()
{
   // The list grows by conversions between layouts.
   for (auto &op : std::exchange(fOperators, {})) {
      op->Initialize(*this);
      op->ChooseLayout(*this);
      fOperators.push_back(std::move(op));
      std::move(fConversions.begin(), fConversions.end(), std::back_inserter(fOperators));
      fConversions.clear();
   }
}

std::unique_ptr<ROperator> RModel::Conversion(const std::string &from, const std::string &to, bool toLast)
{
   auto const rank = static_cast<std::int64_t>(GetDimTensorShape(from).size());
   std::vector<std::int64_t> perm{0};
   for (std::int64_t i = 1; i < rank; ++i)
      perm.push_back(toLast ? i % (rank - 1) + 1 : i == 1 ? rank - 1 : i - 1);
   auto op = std::make_unique<ROperator_Transpose>(perm, from, to);
   op->Initialize(*this);
   return op;
}

bool RModel::HasChannelsLast(const std::string &name) const
{
   return fChannelsLast.count(name) > 0;
}

void RModel::SetChannelsLast(const std::string &name, const std::string &last)
{
   fChannelsLast.emplace(name, last);
}

std::string RModel::ChannelsLast(const std::string &name)
{
   if (!HasChannelsLast(name)) {
      std::string const last = FreeName(name + "_last");
      fOperators.push_back(Conversion(name, last, true));
      fChannelsLast[name] = last;
   }
   return fChannelsLast.at(name);
}

std::string RModel::MakeChannelsLast(const std::string &name)
{
   DynamicTensorInfo info = fIntermediateTensorInfos.at(name);
   fIntermediateTensorInfos.erase(name);
   std::rotate(info.shape.begin() + 1, info.shape.begin() + 2, info.shape.end());
   std::string const last = FreeName(name + "_last");
   AddIntermediateTensor(last, info.type, info.shape);
   fConversions.push_back(Conversion(last, name, false));
   fChannelsLast[name] = last;
   return last;
}

std::string RModel::FreeName(std::string name) const
{
   while (CheckIfTensorAlreadyExist(name))
      name += "_";
   return name;
}

void RModel::SubstituteParams(const std::map<std::string, size_t> &params)
{
   if (params.empty())
      return;
   fShapeParams.clear();
   fDimShapeNames.clear();
   for (auto &[name, info] : fInputTensorInfos) {
      for (auto &dim : info.shape)
         dim = SubstituteDim(dim, params);
   }
   for (auto const &name : fInputTensorNames) {
      if (auto it = fInputTensorInfos.find(name); it != fInputTensorInfos.end())
         AddDimNames(it->second.shape);
   }
}

void RModel::SetWeightType(ETensorType type)
{
   if (type != ETensorType::FLOAT && type != ETensorType::BFLOAT16)
      throw std::runtime_error("TMVA-SOFIE: weights are kept as float or bfloat16, not as " +
                               ConvertTypeToString(type));
   if (fIsInitialized)
      throw std::runtime_error("TMVA-SOFIE: " + fName + " is initialized, its weights have their type");
   fWeightType = type;
}

/// Whether any operator keeps weights in the type that was asked for.
void RModel::CheckWeightType() const
{
   if (fWeightType == ETensorType::FLOAT)
      return;
   bool isKept = false;
   VisitOperators([&](const ROperator &op) {
      for (auto const &packed : op.GetPackedWeights())
         isKept = isKept || packed.fType == GetPackedType(ETensorType::FLOAT);
   });
   if (!isKept)
      throw std::runtime_error(
         "TMVA-SOFIE: " + fName +
         " has no product, convolution or recurrent layer of floats whose weights could be kept as " +
         ConvertTypeToString(fWeightType));
}

void RModel::CheckOutputs() const
{
   if (fOutputTensorNames.empty()) {
      throw std::runtime_error("TMVA-SOFIE: output size=0 are not supported");
   }
   for (auto const &name : fOutputTensorNames) {
      if (!CheckIfTensorAlreadyExist(name)) {
         throw std::runtime_error("TMVA-SOFIE: output tensor " + name + " is computed by no operator");
      }
   }
}

void RModel::RemoveUnusedOperators()
{
   std::set<std::string> needed(fOutputTensorNames.begin(), fOutputTensorNames.end());
   std::vector<std::unique_ptr<ROperator>> kept;
   for (auto op = fOperators.rbegin(); op != fOperators.rend(); ++op) {
      auto const &outputs = (*op)->GetOpOutputTensors();
      bool const used = outputs.empty() || std::any_of(outputs.begin(), outputs.end(),
                                                       [&](const std::string &name) { return needed.count(name) > 0; });
      if (!used || (*op)->IsOutputConstant()) {
         for (auto const &name : outputs)
            fIntermediateTensorInfos.erase(name);
         continue;
      }
      needed.insert((*op)->GetOpInputTensors().begin(), (*op)->GetOpInputTensors().end());
      kept.insert(kept.begin(), std::move(*op));
   }
   fOperators = std::move(kept);
}

/// Calls visit for each operator, those of blocks after the one that has the block.
void RModel::VisitOperators(const std::function<void(ROperator &)> &visit) const
{
   std::function<void(const std::vector<std::unique_ptr<ROperator>> &)> const all = [&](auto const &operators) {
      for (auto const &op : operators) {
         visit(*op);
         for (auto *block : op->GetBlocks())
            all(block->fOperators);
      }
   };
   all(fOperators);
}

void RModel::FuseOperators(std::vector<std::unique_ptr<ROperator>> &operators, const std::vector<std::string> &outputs)
{
   std::map<std::string, int> readers;
   for (auto const &op : operators) {
      for (auto const &name : op->GetOpInputTensors())
         ++readers[name];
   }
   for (auto const &name : outputs)
      ++readers[name];

   std::vector<std::unique_ptr<ROperator>> kept;
   std::map<std::string, size_t> writers; // by their place in kept
   auto const fusesInto = [&](const ROperator &op, const std::string &input) {
      auto const writer = writers.find(input);
      if (writer == writers.end() || readers[input] != 1 || IsAliasTensor(input))
         return false;
      if (!op.GetEpilogue().empty())
         return input == op.GetOpInputTensors()[0] && kept[writer->second]->FuseEpilogue(op);
      auto const addend = op.GetAddend(input);
      if (!addend)
         return false;
      auto const other = writers.find(addend->fName);
      bool const isThere = other == writers.end() || other->second < writer->second;
      return isThere && kept[writer->second]->FuseAddition(op, *addend);
   };
   for (auto &op : operators) {
      auto const &inputs = op->GetOpInputTensors();
      auto const input =
         std::find_if(inputs.begin(), inputs.end(), [&](const std::string &name) { return fusesInto(*op, name); });
      if (input == inputs.end()) {
         for (auto const &name : op->GetOpOutputTensors())
            writers[name] = kept.size();
         kept.push_back(std::move(op));
         continue;
      }
      fIntermediateTensorInfos.erase(*input);
      if (!op->GetEpilogue().empty()) {
         auto const kernels = op->GetKernels();
         fPlan.fEpilogueKernels.insert(kernels.begin(), kernels.end());
      }
      writers[op->GetOpOutputTensors().at(0)] = writers.at(*input);
   }
   operators = std::move(kept);
}

/// Whether the tensor has memory of its own, which grows with sizes that depend on data.
bool RModel::IsGrowing(const std::string &name) const
{
   auto const storage = fPlan.fStorage.find(name);
   return storage != fPlan.fStorage.end() && storage->second == name && IsSizedByData(name);
}

/// Whether the tensor's first dimension is the batch, and no other depends on it.
bool RModel::IsBatched(const std::string &name, const std::string &batch) const
{
   if (name.empty() || !CheckIfTensorAlreadyExist(name))
      return false;
   auto const shape = GetDimTensorShape(name);
   return !shape.empty() && shape[0].isParam && shape[0].param == batch;
}

bool RModel::CanBatch(const std::string &batch) const
{
   auto const isClean = [&](const std::string &name) {
      if (!CheckIfTensorAlreadyExist(name))
         return true; // fused into another one
      auto const shape = GetDimTensorShape(name);
      for (size_t i = 0; i < shape.size(); ++i) {
         if (Mentions(shape[i], batch) && !(i == 0 && shape[0].param == batch))
            return false;
      }
      return true;
   };
   for (auto const &name : fInputTensorNames) {
      if (!isClean(name))
         return false;
   }
   for (auto const &name : fOutputTensorNames) {
      if (!IsBatched(name, batch))
         return false;
   }
   for (auto const &op : fOperators) {
      std::vector<bool> batched;
      for (auto const &name : op->GetOpInputTensors()) {
         // In a block the batch is the number of its rows; whoever reads its size as data needs that of the whole.
         auto const sizes = fShapeTensors.find(name);
         if (sizes != fShapeTensors.end() && std::any_of(sizes->second.first.begin(), sizes->second.first.end(),
                                                         [&](const Dim &size) { return Mentions(size, batch); }))
            return false;
         batched.push_back(IsBatched(name, batch));
      }
      bool const reads = std::find(batched.begin(), batched.end(), true) != batched.end();
      for (auto const *names : {&op->GetOpOutputTensors(), &op->GetOpScratchTensors()}) {
         for (auto const &name : *names) {
            if (!name.empty() && !isClean(name))
               return false;
         }
      }
      for (auto const &name : op->GetOpOutputTensors()) {
         if (!name.empty() && IsBatched(name, batch) != reads)
            return false;
      }
      if (reads && !op->ActsOnRows(batched))
         return false;
   }
   return true;
}

void RModel::FindBatch()
{
   auto const found = std::find_if(fDimShapeNames.begin(), fDimShapeNames.end(),
                                   [&](const std::string &name) { return CanBatch(name); });
   fPlan.fBatch = found == fDimShapeNames.end() ? "" : *found;
}

void RModel::ShareStorage()
{
   // Tensors that are one memory: the first of each chain of aliases stands for it.
   for (auto const &[name, info] : fIntermediateTensorInfos)
      fPlan.fStorage[name] = GetAliasedTensor(name);
   // What an operator computes for an output goes straight to the caller's buffer.
   std::map<std::string, std::string> outputOf;
   for (auto const &name : fOutputTensorNames) {
      std::string const first = GetAliasedTensor(name);
      if (fIntermediateTensorInfos.count(first) > 0 && !IsSizedByData(first) && !IsSizedByData(name))
         outputOf.emplace(first, name);
   }
   for (auto &[name, storage] : fPlan.fStorage) {
      if (auto it = outputOf.find(storage); it != outputOf.end())
         storage = it->second;
   }
}

void RModel::PlanMemory()
{
   std::map<std::string, TensorLifeInfo> lives;
   std::map<std::string, std::string> bytes;
   bool known = true;
   int index = 0;
   std::set<std::string> const outputs(fOutputTensorNames.begin(), fOutputTensorNames.end());
   auto const touch = [&](const std::string &name) {
      auto const storage = fPlan.fStorage.find(name);
      if (storage == fPlan.fStorage.end() || fIntermediateTensorInfos.count(storage->second) == 0 ||
          IsSizedByData(storage->second) || outputs.count(storage->second) > 0)
         return;
      std::string const length = BytesInArena(IsSizedByData(name) ? storage->second : name);
      size_t const size = IsInteger(length) ? std::stoul(length) : 0;
      known = known && IsInteger(length);
      auto const [life, isNew] = lives.emplace(storage->second, TensorLifeInfo{index, index, size});
      life->second.end = index;
      life->second.size = std::max(life->second.size, size);
      if (isNew || name == storage->second)
         bytes[storage->second] = length;
   };
   for (auto const &op : fOperators) {
      for (auto const *names : {&op->GetOpInputTensors(), &op->GetOpOutputTensors(), &op->GetOpScratchTensors()}) {
         for (auto const &name : *names)
            touch(name);
      }
      ++index;
   }

   std::vector<std::string> names;
   std::vector<TensorLifeInfo> infos;
   for (auto const &[name, life] : lives) {
      names.push_back(name);
      infos.push_back(life);
      if (fOptimizationLevel == OptimizationLevel::kBasic)
         infos.back().begin = 0, infos.back().end = index;
   }
   fPlan.fOffsets.clear();
   fPlan.fSlotBytes.clear();
   if (known) {
      auto const result = OrganizeMemory(infos);
      fPlan.fArenaBytes = result.total_bytes;
      fPlan.fLiveBytes = result.live_bytes;
      for (size_t i = 0; i < names.size(); ++i)
         fPlan.fOffsets[names[i]] = std::to_string(result.offsets[i]);
   } else {
      auto const slots = AssignSlots(infos);
      for (size_t i = 0; i < names.size(); ++i) {
         fPlan.fOffsets[names[i]] = "offset_" + std::to_string(slots[i]);
         if (fPlan.fSlotBytes.size() <= slots[i])
            fPlan.fSlotBytes.resize(slots[i] + 1);
         auto &slot = fPlan.fSlotBytes[slots[i]];
         slot += (slot.empty() ? "" : ", ") + std::string("size_t(") + bytes[names[i]] + ")";
      }
   }
}

/// Plans the memory of a block of rows. The more there are, the less often weights are read; but the intermediate tensors, which each
/// Session has for itself, are to stay in the second-level cache or to be small beside the model's weights. Where other dimensions have
/// names their sizes are guessed, and only the cache counts. 48, 24 and 12 are whole tiles of most products (kRows in kernels/Gemm.hxx).
void RModel::PlanRows()
{
   constexpr size_t kMostRows = 48;
   constexpr size_t kCacheBytes = 512 * 1024;
   constexpr size_t kUnknownBytes = kCacheBytes / 16; // of a row in a slot, where other dimensions have names
   fPlan.fRows = fPlan.fBatch.empty() ? 1 : kMostRows;
   PlanMemory();
   auto const isTooLarge = [&] {
      return HasDynamicArena() ? fPlan.fRows * fPlan.fSlotBytes.size() * kUnknownBytes > kCacheBytes
                               : fPlan.fArenaBytes > std::max(kCacheBytes, GetWeightsTensorSize() / 4);
   };
   while (fPlan.fRows > 1 && isTooLarge()) {
      fPlan.fRows /= 2;
      PlanMemory();
   }
}

// ----------------------------------------------------------------------------------------------------- sizes

size_t RModel::GetConstantTensorSize() const
{
   size_t bytes = 0;
   for (auto const &[name, tensor] : fInitializedTensors) {
      if (tensor.IsConstantTensor())
         bytes += ConvertShapeToLength(tensor.shape()) * GetTypeSize(tensor.type());
   }
   return bytes;
}

size_t RModel::GetWeightsTensorSize() const
{
   size_t bytes = 0;
   for (auto const &[name, tensor] : fInitializedTensors) {
      if (tensor.IsWeightTensor())
         bytes += ConvertShapeToLength(tensor.shape()) * GetTypeSize(tensor.type());
   }
   return bytes;
}

size_t RModel::GetOtherTensorSize() const
{
   size_t bytes = 0;
   for (auto const &[name, tensor] : fInitializedTensors) {
      if (!tensor.IsConstantTensor() && !tensor.IsWeightTensor())
         bytes += ConvertShapeToLength(tensor.shape()) * GetTypeSize(tensor.type());
   }
   return bytes;
}

size_t RModel::GetIntermediateTensorSize() const
{
   return fPlan.fArenaBytes;
}

size_t RModel::GetLiveTensorSize() const
{
   return fPlan.fLiveBytes;
}

// -------------------------------------------------------------------------------------------------- printing

void RModel::PrintRequiredInputTensors() const
{
   std::cout << "Model requires following inputs:\n";
   for (auto const &[name, info] : fInputTensorInfos)
      std::cout << name << "\ttype: " << ConvertTypeToString(info.type)
                << "\tshape: " << ConvertDimShapeToString(info.shape) << "\n";
}

void RModel::PrintInitializedTensors() const
{
   std::cout << "Model initialized the following tensors:\n";
   for (auto const &[name, tensor] : fInitializedTensors)
      std::cout << name << "\ttype: " << ConvertTypeToString(tensor.type())
                << "\tshape: " << ConvertShapeToString(tensor.shape())
                << (tensor.IsConstantTensor() ? "\tconstant" : "") << (tensor.IsNotWritable() ? "\tnot writable" : "")
                << "\n";
}

void RModel::PrintIntermediateTensors() const
{
   std::cout << "Model specify the following intermediate tensors:\n";
   for (auto const &[name, info] : fIntermediateTensorInfos) {
      if (IsKnown(info.shape))
         std::cout << name << "\ttype: " << ConvertTypeToString(info.type)
                   << "\tshape: " << ConvertDimShapeToString(info.shape) << "\n";
   }
}

void RModel::PrintDynamicTensors() const
{
   std::cout << "Model specify the following dynamic tensors:\n";
   for (auto const &[name, info] : fIntermediateTensorInfos) {
      if (!IsKnown(info.shape))
         std::cout << name << "\ttype: " << ConvertTypeToString(info.type)
                   << "\tshape: " << ConvertDimShapeToString(info.shape) << "\n";
   }
}

void RModel::PrintOutputTensors() const
{
   std::cout << "Model specify the following output tensors:\n";
   for (auto const &name : fOutputTensorNames) {
      std::cout << name;
      if (CheckIfTensorAlreadyExist(name))
         std::cout << "\ttype: " << ConvertTypeToString(GetTensorType(name))
                   << "\tshape: " << ConvertDimShapeToString(GetDimTensorShape(name));
      std::cout << "\n";
   }
}

void RModel::PrintSummary() const
{
   std::cout << "Summary of model " << fName << "\n";
   size_t index = 0;
   for (auto const &op : fOperators) {
      std::cout << index++ << "\t" << op->GetOpType() << "\t( ";
      for (auto const &name : op->GetOpInputTensors())
         std::cout << name << " ";
      std::cout << ") -> ( ";
      for (auto const &name : op->GetOpOutputTensors())
         std::cout << name << " ";
      std::cout << ")\n";
   }
}

void RModel::HeadInitializedTensors(std::string name, int n_print) const
{
   auto const it = fInitializedTensors.find(UTILITY::Clean_name(name));
   if (it == fInitializedTensors.end()) {
      std::cout << "Tensor " << name << " not found in model's initialized tensor list\n";
      return;
   }
   auto const &tensor = it->second;
   size_t const length = ConvertShapeToLength(tensor.shape());
   auto const most = static_cast<size_t>(std::max(n_print, 0));
   std::cout << "Tensor name: " << it->first << "\ttype: " << ConvertTypeToString(tensor.type())
             << "\tshape: " << ConvertShapeToString(tensor.shape()) << "\ndata: ";
   switch (tensor.type()) {
   case ETensorType::FLOAT: std::cout << ConvertValuesToString(length, tensor.data<float>(), most); break;
   case ETensorType::DOUBLE: std::cout << ConvertValuesToString(length, tensor.data<double>(), most); break;
   case ETensorType::INT32: std::cout << ConvertValuesToString(length, tensor.data<std::int32_t>(), most); break;
   case ETensorType::INT64: std::cout << ConvertValuesToString(length, tensor.data<std::int64_t>(), most); break;
   case ETensorType::BOOL: std::cout << ConvertValuesToString(length, tensor.data<bool>(), most); break;
   default: std::cout << "(not printed)";
   }
   std::cout << "\n";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
