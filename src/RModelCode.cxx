// RModel's printing: what Generate writes. Nothing here decides anything about the model; the shapes, the fusion and the plan of the
// memory are those of Initialize.
//
// The program that is written, for a model `M` with one input x and one output y:
//
//    comment            what the model computes, for a reader
//    namespace TMVA_SOFIE_M, in it an inline namespace named after the compiler's instruction set:
//       Kernel          the text of the kernels that its operators call
//       constants       shapes, indices, and the weights where there is no weight file
//       Weights         read from the file and packed for this machine, once; shared between Sessions
//       Session         the weights and an arena for the intermediate tensors
//       Run<W>          the calls of the kernels, one for each operator, for vectors of W bytes
//       doInfer         checks the arena, cuts a batch into blocks of rows, and chooses W
//       inputTensorDims, modelDescription

#include "TMVA/RModel.hxx"

#include "TMVA/SOFIE/RCodeWriter.hxx"
#include "TMVA/SOFIE/RWeightFile.hxx"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace Internal {
/// Written by CMake from inc/TMVA/SOFIE/kernels: file name without suffix, text.
std::vector<std::pair<std::string_view, std::string_view>> const &KernelText();
} // namespace Internal

namespace {

std::string ShapeText(const std::vector<Dim> &shape)
{
   std::string text = "(";
   for (size_t i = 0; i < shape.size(); ++i)
      text += (i > 0 ? ", " : "") + shape[i].GetVal();
   return text + (shape.size() == 1 ? ",)" : ")");
}

std::string Join(const std::vector<std::string> &parts, const std::string &separator = ", ")
{
   std::string text;
   for (auto const &part : parts)
      text += (text.empty() ? "" : separator) + part;
   return text;
}

/// The text of kernel files, each after those that it includes, without their file comments.
class RKernelText {
private:
   std::set<std::string> fDone;
   std::set<std::string> fHeaders;        ///< Headers of the standard library.
   std::vector<std::string> fConditional; ///< Blocks `#if ... #endif` of nothing but includes.
   std::string fText;

   void AddLines(std::string_view text)
   {
      text.remove_prefix(std::min(text.size(), text.find("#pragma once") + sizeof("#pragma once")));
      std::string block; // an open `#if ... #endif`: of nothing but includes, it is one
      bool onlyIncludes = true;
      int depth = 0;
      while (!text.empty()) {
         std::string const line(text.substr(0, text.find('\n')));
         text.remove_prefix(std::min(text.size(), line.size() + 1));
         bool const isInclude = line.rfind("#include <", 0) == 0;
         bool const isIf = line.rfind("#if", 0) == 0;
         bool const isEnd = line.rfind("#endif", 0) == 0;
         if (line.rfind("#include \"", 0) == 0) {
            Add(line.substr(10, line.find('.') - 10));
         } else if (depth > 0 || isIf) {
            onlyIncludes = depth == 0 || (onlyIncludes && (isInclude || isIf || isEnd));
            depth += isIf ? 1 : isEnd ? -1 : 0;
            block += line + "\n";
            if (depth == 0) {
               if (!onlyIncludes)
                  fText += block;
               else if (std::find(fConditional.begin(), fConditional.end(), block) == fConditional.end())
                  fConditional.push_back(block);
               block.clear();
            }
         } else if (isInclude) {
            fHeaders.insert(line.substr(10, line.find('>') - 10));
         } else {
            fText += line + "\n";
         }
      }
   }

public:
   void Add(const std::string &name)
   {
      if (!fDone.insert(name).second)
         return;
      for (auto const &[file, text] : Internal::KernelText()) {
         if (file == name)
            return AddLines(text);
      }
      throw std::runtime_error("TMVA-SOFIE: there is no kernel file " + name);
   }
   const std::set<std::string> &Headers() const { return fHeaders; }
   std::string ConditionalIncludes() const { return Join(fConditional, ""); }
   const std::string &Text() const { return fText; }
};

template <class F>
void VisitType(ETensorType type, const F &f)
{
   switch (type) {
   case ETensorType::FLOAT: return f(float());
   case ETensorType::DOUBLE: return f(double());
   case ETensorType::INT8: return f(std::int8_t());
   case ETensorType::INT16: return f(std::int16_t());
   case ETensorType::INT32: return f(std::int32_t());
   case ETensorType::INT64: return f(std::int64_t());
   case ETensorType::UINT8: return f(std::uint8_t());
   case ETensorType::UINT16: return f(std::uint16_t());
   case ETensorType::UINT32: return f(std::uint32_t());
   case ETensorType::UINT64: return f(std::uint64_t());
   case ETensorType::BOOL: return f(bool());
   case ETensorType::FLOAT16:
   case ETensorType::BFLOAT16: return f(std::uint16_t());
   default:
      throw std::runtime_error("TMVA-SOFIE: constants of type " + ConvertTypeToString(type) + " are not supported");
   }
}

/// The definition of an array of constants.
std::string ConstantArray(const std::string &name, const InitializedTensor &tensor)
{
   size_t const length = ConvertShapeToLength(tensor.shape());
   std::string text = "inline constexpr " + ConvertTypeToStorage(tensor.type()) + " tensor_" + name + "[" +
                      std::to_string(std::max<size_t>(length, 1)) + "] = {";
   VisitType(tensor.type(), [&](auto zero) {
      using T = decltype(zero);
      constexpr size_t kPerLine = 12;
      for (size_t i = 0; i < length; ++i) {
         text += i == 0 ? "" : i % kPerLine == 0 ? ",\n   " : ", ";
         text += ConvertValToString(tensor.data<T>()[i]);
      }
   });
   return text + (length == 0 ? "0};" : "};");
}

/// Opens the namespace that keeps code for unlike instruction sets apart: two objects of one program that were compiled with
/// unlike -m flags would otherwise share one copy of an inline function, possibly one that the machine cannot run.
constexpr char kOpenTarget[] = R"(#if defined(TMVA_SOFIE_VECTOR_BYTES)
#define SOFIE_JOIN_(a, b) a##_##b
#define SOFIE_JOIN(a, b) SOFIE_JOIN_(a, b)
#else
#define SOFIE_JOIN(a, b) a
#endif
#if defined(__AVX512F__)
inline namespace SOFIE_JOIN(avx512, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__AVX2__) && defined(__FMA__)
inline namespace SOFIE_JOIN(avx2_fma, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__AVX2__)
inline namespace SOFIE_JOIN(avx2, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__AVX__)
inline namespace SOFIE_JOIN(avx, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__SSE4_2__)
inline namespace SOFIE_JOIN(sse4, TMVA_SOFIE_VECTOR_BYTES) {
#else
inline namespace SOFIE_JOIN(baseline, TMVA_SOFIE_VECTOR_BYTES) {
#endif
#undef SOFIE_JOIN
#undef SOFIE_JOIN_
#if defined(TMVA_SOFIE_PROFILE)
inline namespace profile {
#endif
)";

/// Copied from inc/TMVA/SOFIE/kernels into every header, and free of any obligation there: LICENSE says so.
constexpr char kLicense[] =
   "The licence of pysofie frees this file: it may be used, changed and passed on without any obligation.";

} // namespace

// ------------------------------------------------------------------------------------------- names, types and sizes

std::string RModel::StorageType(const std::string &name) const
{
   return ConvertTypeToStorage(GetTensorType(name));
}

/// The number of elements of one row of a batched tensor, or of the whole of another one.
std::string RModel::PerRowLength(const std::string &name) const
{
   auto shape = GetDimTensorShape(name);
   if (IsBatched(name, fPlan.fBatch))
      shape.erase(shape.begin());
   return ProductOfDims(shape).GetVal();
}

std::string RModel::BytesInArena(const std::string &name) const
{
   auto shape = GetDimTensorShape(name);
   if (!fPlan.fBatch.empty() && IsBatched(name, fPlan.fBatch))
      shape[0] = Dim(fPlan.fRows);
   shape.emplace_back(std::max<size_t>(GetTypeSize(GetTensorType(name)), 1));
   return ProductOfDims(shape).GetVal();
}

std::vector<std::string> RModel::WeightNames() const
{
   std::set<std::string> used(fOutputTensorNames.begin(), fOutputTensorNames.end());
   VisitOperators([&](ROperator &op) {
      used.insert(op.GetOpInputTensors().begin(), op.GetOpInputTensors().end());
      for (auto const *block : op.GetBlocks())
         used.insert(block->fOutputs.begin(), block->fOutputs.end());
   });
   for (auto const &[name, origin] : fAliasTensors)
      used.insert(origin);
   std::vector<std::string> names;
   for (auto const &[name, tensor] : fInitializedTensors) {
      if (tensor.IsWeightTensor() && used.count(name) > 0)
         names.push_back(name);
   }
   return names;
}

std::string RModel::WeightFileName() const
{
   switch (fWeightFile) {
   case WeightFileType::Text: return fName + ".dat";
   case WeightFileType::Binary: return fName + ".sofie";
   default: return "";
   }
}

/// The parameters of infer, or with outputs those of doInfer after the Session: with their types, or as the arguments of a call.
std::vector<std::string> RModel::InferParameters(bool outputs, bool types) const
{
   std::vector<std::string> parameters;
   std::set<std::string> done;
   for (auto const &name : fInputTensorNames) {
      for (auto const &dim : GetDimTensorShape(name)) {
         if (!dim.isParam)
            continue;
         for (auto const &param : GetDimNames(dim)) {
            if (done.insert(param).second)
               parameters.push_back((types ? "size_t " : "") + param);
         }
      }
      bool const isBool = GetTensorType(name) == ETensorType::BOOL;
      parameters.push_back((types ? (isBool ? "bool" : StorageType(name)) + " const *" : "") + "tensor_" + name);
   }
   if (outputs) {
      for (auto const &name : fOutputTensorNames)
         parameters.push_back(types                 ? StorageType(name) + " *tensor_" + name
                              : IsSizedByData(name) ? "nullptr"
                                                    : "output_" + name + ".data()");
      for (auto const &name : OutputDataDims())
         parameters.push_back((types ? "size_t &" : "") + name);
   }
   return parameters;
}

std::string RModel::GenerateInferSignature(bool isdecl) const
{
   return Join(InferParameters(false, isdecl));
}

std::string RModel::ReturnType() const
{
   std::vector<std::string> types;
   for (auto const &name : fOutputTensorNames)
      types.push_back("std::vector<" + StorageType(name) + ">");
   if (types.size() == 1)
      return types[0];
   bool const same = std::all_of(types.begin(), types.end(), [&](const std::string &type) { return type == types[0]; });
   return same ? "std::vector<" + types[0] + ">" : "std::tuple<" + Join(types) + ">";
}

bool RModel::HasDynamicArena() const
{
   return !fPlan.fSlotBytes.empty();
}

// ------------------------------------------------------------------------------------------------- the parts of the code

std::string RModel::SummaryCode() const
{
   std::ostringstream text;
   text << "// " << fName
        << ": C++17 code that computes a trained network, written by pysofie (TMVA::Experimental::SOFIE).\n"
        << "// " << kLicense << "\n//\n// model      \"" << EscapeText(fFileName.empty() ? fName : fFileName) << "\"\n";
   auto const tensor = [&](const char *kind, const std::string &name) {
      text << "// " << kind << "tensor_" << name << "  " << ConvertTypeToString(GetTensorType(name)) << " "
           << ShapeText(GetDimTensorShape(name));
      if (auto it = fOrigins.find(name); it != fOrigins.end() && it->second != name)
         text << "  \"" << EscapeText(it->second) << "\"";
      text << "\n";
   };
   for (auto const &name : fInputTensorNames)
      tensor("input      ", name);
   for (auto const &name : fOutputTensorNames)
      tensor("output     ", name);
   for (auto const &name : WeightNames())
      tensor("weight     ", name);
   text << "// weights    " << GetWeightsTensorSize() << " bytes"
        << (WeightFileName().empty() ? ", in this file" : ", in " + WeightFileName()) << "\n";
   if (!fPlan.fBatch.empty())
      text << "// batch      " << fPlan.fBatch << ", computed " << fPlan.fRows << " rows at a time\n";
   if (HasDynamicArena())
      text << "// memory     grows with the named dimensions\n";
   else
      text << "// memory     " << fPlan.fArenaBytes << " bytes for intermediate tensors\n";
   std::map<std::string, int> counts;
   VisitOperators([&](ROperator &op) { ++counts[op.GetOpType()]; });
   std::vector<std::string> operators;
   for (auto const &[type, count] : counts)
      operators.push_back(type + (count > 1 ? " x" + std::to_string(count) : ""));
   text << "// operators  " << Join(operators) << "\n\n";
   return text.str();
}

/// The dimensions that the outputs have and that depend on data, in order.
std::vector<std::string> RModel::OutputDataDims() const
{
   std::vector<std::string> found;
   for (auto const &name : fOutputTensorNames) {
      for (auto const &dim : GetDimTensorShape(name)) {
         for (auto const &one : dim.isParam ? GetDimNames(dim) : std::vector<std::string>{}) {
            if (IsDataDim(one) && std::find(found.begin(), found.end(), one) == found.end())
               found.push_back(one);
         }
      }
   }
   return found;
}

/// The statements that give a tensor whose size depends on data its memory, and all that share it; "" for any other.
std::string RModel::GrowCode(const std::string &name, bool keep) const
{
   if (!IsGrowing(name))
      return "";
   RCodeWriter code;
   code.Lines("tensor_" + name + " = Kernel::Grown<" + StorageType(name) + ">(session.fGrown_" + name + ", " +
              ProductOfDims(GetDimTensorShape(name)).GetVal() + (keep ? ", true" : "") + ");");
   for (auto const &[view, storage] : fPlan.fStorage) {
      if (storage == name && view != name)
         code.Lines("tensor_" + view + " = tensor_" + name + ";");
   }
   return code.Text();
}

/// The statements of one operator: a comment, sizes that it computes, memory of those sizes, and its kernels.
std::string RModel::OperatorCode(ROperator &op, std::vector<ROperator *> &printed) const
{
   std::string const opName = std::to_string(printed.size());
   printed.push_back(&op);
   std::vector<std::string> inputs;
   for (auto const &name : op.GetOpInputTensors()) {
      if (!name.empty() && !IsInitializedTensor(name))
         inputs.push_back(name + ShapeText(GetDimTensorShape(name)));
   }
   std::vector<std::string> outputs;
   std::string growing;
   for (auto const &name : op.GetOpOutputTensors()) {
      if (name.empty())
         continue;
      outputs.push_back(name + ShapeText(GetDimTensorShape(name)));
      if (!op.GrowsOutputs())
         growing += GrowCode(name, false);
   }
   RCodeWriter checks;
   for (auto const &check : op.GetSizeChecks()) {
      auto const names = Identifiers(check.fCondition);
      if (std::any_of(names.begin(), names.end(), [&](const std::string &name) { return IsDataDim(name); }))
         checks.Lines("if (" + check.fCondition + ")\n   throw std::runtime_error(" + StringLiteral(check.fMessage) +
                      ");");
   }
   RBlockPrinter const printer{[&](const RBlock &block) {
                                  std::string text = "SOFIE_PROFILE(Part(" + opName + "));\n";
                                  for (auto const &inner : block.fOperators)
                                     text += OperatorCode(*inner, printed);
                                  return text;
                               },
                               [&](const std::string &name, bool keep) { return GrowCode(name, keep); }};
   std::string const code = checks.Text() + op.GenerateSizes(opName) + growing + op.GenerateControl(opName, printer);
   RCodeWriter text;
   text.Lines("// " + (op.GetOrigin().empty() ? "" : "\"" + EscapeText(op.GetOrigin()) + "\" ") + op.GetOpType() +
              ": " + Join(inputs) + " -> " + Join(outputs) + (code.empty() ? ", the same memory" : ""));
   text.Lines(code);
   if (!code.empty())
      text.Lines("SOFIE_PROFILE(Done(" + opName + ", " + op.GetFlops(*this).GetVal() + ", " + BytesOf(op).GetVal() +
                 "));");
   return text.Text();
}

/// The bytes of its inputs and outputs, each counted once.
Dim RModel::BytesOf(const ROperator &op) const
{
   std::set<std::string> names(op.GetOpInputTensors().begin(), op.GetOpInputTensors().end());
   names.insert(op.GetOpOutputTensors().begin(), op.GetOpOutputTensors().end());
   names.erase("");
   Dim bytes(size_t(0));
   for (auto const &name : names)
      bytes = AddDims(bytes, MulDims(ProductOfDims(GetDimTensorShape(name)), Dim(GetTypeSize(GetTensorType(name)))));
   return bytes;
}

/// The operators as JSON, for a profile.
std::string RModel::ProfileCode(const std::vector<ROperator *> &operators) const
{
   auto const quoted = [](const std::string &text) { return "\"" + EscapeText(text) + "\""; };
   std::vector<std::string> entries;
   for (auto const *op : operators) {
      auto const &outputs = op->GetOpOutputTensors();
      auto const first = std::find_if(outputs.begin(), outputs.end(), [](auto const &name) { return !name.empty(); });
      bool const hasOutput = first != outputs.end();
      std::vector<std::string> dims;
      for (auto const &dim : hasOutput ? GetDimTensorShape(*first) : std::vector<Dim>())
         dims.push_back(dim.isParam ? quoted(dim.param) : std::to_string(dim.dim));
      entries.push_back("{\"name\": " + quoted(op->GetOrigin()) + ", \"operator\": " + quoted(op->GetOpType()) +
                        ", \"output\": " + quoted(hasOutput ? *first : "") +
                        ", \"type\": " + quoted(hasOutput ? ConvertTypeToString(GetTensorType(*first)) : "") +
                        ", \"shape\": [" + Join(dims) + "]}");
   }
   return "#if defined(TMVA_SOFIE_PROFILE)\n/// The operators, as JSON.\ninline constexpr char profileDescription[] "
          "=\n   " +
          StringLiteral("[" + Join(entries) + "]") + ";\n#endif\n";
}

std::string RModel::ShapeTensorCode(const std::string &name) const
{
   std::vector<std::string> values;
   for (auto const &size : GetShapeTensorValues(name))
      values.push_back("int64_t(" + size.GetVal() + ")");
   return "int64_t const tensor_" + name + "[] = {" + (values.empty() ? "0" : Join(values)) + "};";
}

std::string RModel::RunCode() const
{
   // The body first: only the pointers that it names are declared.
   RCodeWriter calls;
   calls.Lines("SOFIE_PROFILE(Start());");
   std::vector<ROperator *> printed;
   for (auto const &op : fOperators)
      calls.Lines(OperatorCode(*op, printed));
   // An output that shares another one's memory, or an input's or a weight's, is a copy.
   for (size_t i = 0; i < fOutputTensorNames.size(); ++i) {
      auto const &name = fOutputTensorNames[i];
      auto const storage = fPlan.fStorage.find(name);
      std::string const source = storage == fPlan.fStorage.end() ? name : storage->second;
      if (IsSizedByData(name)) {
         calls.Lines("session.fResult_" + name + " = tensor_" + name + ";");
         continue;
      }
      if (source == name && fIntermediateTensorInfos.count(name) > 0)
         continue;
      std::string const from = source == name ? "tensor_" + name : "tensor_" + source;
      calls.Lines("std::memcpy(output_" + name + ", " + from + ", " +
                  ProductOfDims([&] {
                     auto shape = GetDimTensorShape(name);
                     shape.emplace_back(GetTypeSize(GetTensorType(name)));
                     return shape;
                  }())
                     .GetVal() +
                  ");");
   }
   for (auto const &name : OutputDataDims())
      calls.Lines("session.fSize_" + name + " = " + name + ";");
   std::set<std::string> const named = Identifiers(calls.Text());

   std::vector<std::string> parameters = {"[[maybe_unused]] Session const &session"};
   for (auto const &name : fDimShapeNames)
      parameters.push_back("[[maybe_unused]] size_t " + name);
   RCodeWriter pointers;
   for (auto const &name : fInputTensorNames)
      parameters.push_back("[[maybe_unused]] " + StorageType(name) + " const *tensor_" + name);
   for (auto const &name : fOutputTensorNames) {
      if (!IsSizedByData(name))
         parameters.push_back("[[maybe_unused]] " + StorageType(name) + " *output_" + name);
   }
   for (auto const &name : fDataDims)
      pointers.Lines("[[maybe_unused]] size_t " + name + " = 0;");

   for (size_t i = 0; i + 1 < fPlan.fSlotBytes.size(); ++i) {
      if (i == 0)
         pointers.Lines("[[maybe_unused]] size_t const offset_0 = 0;");
      pointers.Lines("[[maybe_unused]] size_t const offset_" + std::to_string(i + 1) + " = offset_" +
                     std::to_string(i) + " + Kernel::Aligned({" + fPlan.fSlotBytes[i] + "});");
   }
   if (fPlan.fSlotBytes.size() == 1)
      pointers.Lines("[[maybe_unused]] size_t const offset_0 = 0;");
   for (auto const &[name, tensor] : fInitializedTensors) {
      if (named.count("tensor_" + name) > 0 && !tensor.IsConstantTensor() && fWeightFile != WeightFileType::None)
         pointers.Lines(StorageType(name) + " const *tensor_" + name + " = session.fWeights->fTensor_" + name +
                        ".Data();");
   }
   VisitOperators([&](ROperator &op) {
      for (auto const &packed : op.GetPackedWeights())
         pointers.Lines(ConvertTypeToStorage(packed.fType) + " const *" + packed.fName + " = session.fWeights->f" +
                        packed.fName + ".Data();");
   });
   for (auto const &[name, storage] : fPlan.fStorage) {
      if (named.count("tensor_" + name) == 0)
         continue;
      std::string const type = StorageType(name);
      if (IsGrowing(storage))
         pointers.Lines(type + " *tensor_" + name + " = nullptr;");
      else if (auto offset = fPlan.fOffsets.find(storage); offset != fPlan.fOffsets.end())
         pointers.Lines(type + " *tensor_" + name + " = reinterpret_cast<" + type + " *>(session.fArena.Data() + " +
                        offset->second + ");");
      else if (fIntermediateTensorInfos.count(storage) > 0)
         pointers.Lines(type + " *tensor_" + name + " = output_" + storage + ";");
      else
         pointers.Lines(
            type + " const *tensor_" + name + " = " +
            (IsInitializedTensor(storage) && !IsConstantTensor(storage) && fWeightFile != WeightFileType::None
                ? "session.fWeights->fTensor_" + storage + ".Data()"
                : "tensor_" + storage) +
            ";");
   }

   RCodeWriter sizes;
   std::set<std::string> const read = Identifiers(calls.Text() + pointers.Text());
   for (auto const &[name, tensor] : fShapeTensors) {
      // Sizes that operators compute are written down behind these.
      if (read.count("tensor_" + name) > 0 && !IsOfDataDims(tensor.first))
         sizes.Lines(ShapeTensorCode(name));
   }

   RCodeWriter code;
   code.Lines("/// The calls of the kernels, for vectors of W bytes.\ntemplate <int W>");
   code.Open("inline void Run(" + Join(parameters) + ")");
   code.Lines(sizes.Text());
   code.Lines(pointers.Text());
   code.Lines(calls.Text());
   code.Close();
   return code.Text() + "\n" + ProfileCode(printed);
}

std::string RModel::WeightsCode() const
{
   auto const weights = WeightNames();
   bool const fromFile = fWeightFile != WeightFileType::None && !weights.empty();
   RCodeWriter packing;
   RCodeWriter members;
   std::set<std::string> packedOnly(weights.begin(), weights.end());
   VisitOperators([&](ROperator &op) {
      for (auto const *block : op.GetBlocks()) {
         for (auto const &name : block->fOutputs)
            packedOnly.erase(name);
      }
      auto const packedInputs = op.GetPackedInputs();
      for (auto const &name : op.GetOpInputTensors()) {
         if (packedInputs.count(name) == 0)
            packedOnly.erase(name);
      }
      for (auto const &packed : op.GetPackedWeights()) {
         members.Lines("Kernel::Buffer<" + ConvertTypeToStorage(packed.fType) + "> f" + packed.fName + ";");
         packing.Lines("f" + packed.fName + " = " + packed.fExpression + ";");
      }
   });
   for (auto const &name : fOutputTensorNames)
      packedOnly.erase(name);
   for (auto const &[name, origin] : fAliasTensors)
      packedOnly.erase(origin);

   RCodeWriter code;
   code.Lines("/// The weights as the kernels read them, made once for this machine.");
   code.Open("struct Weights");
   code.Lines("int fVectorBytes; ///< The width of the vectors.");
   RCodeWriter reading;
   std::vector<std::string> targets;
   std::set<std::string> const named = Identifiers(packing.Text());
   for (auto const &name : weights) {
      if (!fromFile)
         break;
      std::string const type = StorageType(name);
      std::string const length = std::to_string(ConvertShapeToLength(fInitializedTensors.at(name).shape()));
      bool const isLocal = packedOnly.count(name) > 0;
      std::string const buffer = (isLocal ? "raw_" : "fTensor_") + name;
      if (isLocal) {
         reading.Lines("Kernel::Buffer<" + type + "> " + buffer + "(" + length + ");");
      } else {
         members.Lines("Kernel::Buffer<" + type + "> " + buffer + ";");
         reading.Lines(buffer + " = Kernel::Buffer<" + type + ">(" + length + ");");
      }
      targets.push_back("{\"" + name + "\", " + length + ", " + (type == "double" ? "true" : "false") + ", " + buffer +
                        ".Data()}");
   }
   code.Lines(members.Text());
   code.Lines("\n/// \\param filename the weight file. \\throws std::runtime_error if it is not this model's.");
   code.Lines("SOFIE_ONCE explicit Weights([[maybe_unused]] std::string const &filename) : "
              "fVectorBytes(Kernel::ChooseVector())");
   code.Open("");
   if (fromFile) {
      std::ostringstream fingerprint;
      fingerprint << "0x" << std::hex << WeightFingerprint() << "u";
      code.Lines(reading.Text());
      code.Lines("Kernel::WeightTarget const targets[] = {\n   " + Join(targets, ",\n   ") + "};");
      code.Lines("Kernel::ReadWeights(filename, \"" + fName + "\", targets, " + std::to_string(targets.size()) + ", " +
                 fingerprint.str() + ");");
      for (auto const &name : weights) {
         if (named.count("tensor_" + name) > 0)
            code.Lines(StorageType(name) + " const *tensor_" + name + " = " +
                       (packedOnly.count(name) > 0 ? "raw_" : "fTensor_") + name + ".Data();");
      }
   }
   if (!packing.Text().empty()) {
      code.Lines("Kernel::Dispatch(fVectorBytes, [&](auto width) {");
      code.Lines("   [[maybe_unused]] constexpr int W = decltype(width)::value;");
      RCodeWriter indented;
      std::istringstream lines(packing.Text());
      for (std::string line; std::getline(lines, line);)
         code.Lines("   " + line);
      code.Lines("});");
   }
   code.Close();
   code.Close(";\n\n");
   return code.Text();
}

/// The named dims as parameters of a function.
std::string RModel::DimParameters() const
{
   std::vector<std::string> parameters;
   for (auto const &name : fDimShapeNames)
      parameters.push_back("[[maybe_unused]] size_t " + name);
   return Join(parameters);
}

/// A function that says what is wrong with sizes given at run time; "" where nothing can be.
std::string RModel::SizeErrorCode() const
{
   RCodeWriter checks;
   VisitOperators([&](ROperator &op) {
      for (auto const &check : op.GetSizeChecks()) {
         auto const names = Identifiers(check.fCondition);
         if (std::none_of(names.begin(), names.end(), [&](const std::string &name) { return IsDataDim(name); }))
            checks.Lines("if (" + check.fCondition + ")\n   return " + StringLiteral(check.fMessage) + ";");
      }
   });
   if (checks.Text().empty())
      return "";
   RCodeWriter code;
   code.Lines("/// What is wrong with these sizes, or nullptr.");
   code.Open("inline char const *SizeError(" + DimParameters() + ")");
   code.Lines(checks.Text() + "return nullptr;");
   code.Close();
   return code.Text() + "\n";
}

/// A function that says how many values an output of a size that depends on data can have; "" where nothing bounds them.
std::string RModel::MaxLengthCode(const std::string &output) const
{
   std::string const length = ProductOfDims(GetDimTensorShape(output)).GetVal();
   std::set<std::string> sizes;
   std::vector<std::string> open{length};
   while (!open.empty()) {
      std::string const text = open.back();
      open.pop_back();
      if (text.find_first_of("-/") != std::string::npos) // grows while a size shrinks
         return "";
      for (auto const &name : Identifiers(text)) {
         if (!IsDataDim(name) || !sizes.insert(name).second)
            continue;
         if (fDataDimBounds.count(name) == 0)
            return "";
         open.push_back(fDataDimBounds.at(name));
      }
   }
   RCodeWriter code;
   code.Lines("/// The most values that tensor_" + output + " can have: what its buffer for doInfer has to hold.");
   code.Open("inline size_t MaxLength_" + output + "(" + DimParameters() + ")");
   for (auto const &name : fDataDims) { // each is bounded by earlier ones
      if (sizes.count(name) > 0)
         code.Lines("size_t const " + name + " = " + fDataDimBounds.at(name) + ";");
   }
   code.Lines("return " + length + ";");
   code.Close();
   return code.Text() + "\n";
}

std::string RModel::SessionCode() const
{
   std::string const sizeError = SizeErrorCode();
   std::string const dimArguments = "(" + Join(fDimShapeNames) + ")";
   auto params = fDimShapeNames;
   std::sort(params.begin(), params.end());
   std::vector<std::string> constructor = {"std::string filename = \"" + (fUseWeightFile ? WeightFileName() : "") +
                                           "\""};
   for (auto const &name : params) {
      auto const def = fShapeParams.at(name);
      constructor.push_back("[[maybe_unused]] size_t " + name + " = " + std::to_string(def > 0 ? def : 1));
   }

   RCodeWriter code;
   std::string const infer = ReturnType();
   code.Lines("struct Session;\n\n");
   code.Lines("/// Compute into the caller's buffers, which hold at least the outputs' sizes. Allocates nothing at "
              "sizes that it has seen.");
   if (!OutputDataDims().empty())
      code.Lines(
         "/// Sizes that depend on data come back in the last arguments. A buffer of such an output holds "
         "MaxLength_... values;\n/// where there is no such function, or for less memory, pass nullptr and read "
         "Session::Result.");
   code.Lines("SOFIE_EMIT\ninline void doInfer(Session const &session, " + Join(InferParameters(true, true)) +
              ");\n\n");
   if (HasDynamicArena()) {
      std::vector<std::string> slots;
      for (auto const &slot : fPlan.fSlotBytes)
         slots.push_back("Kernel::Aligned({" + slot + "})");
      code.Lines("/// The bytes of all intermediate tensors.");
      code.Open("inline size_t ArenaBytes(" + DimParameters() + ")");
      code.Lines("return " + Join(slots, " + ") + ";");
      code.Close();
      code.Lines("\n");
   }
   code.Raw(sizeError);
   for (auto const &name : fOutputTensorNames) {
      if (IsSizedByData(name))
         code.Raw(MaxLengthCode(name));
   }
   code.Lines("/// Computes the network. One Session for each thread; Sessions may share their weights.");
   code.Open("struct Session");
   if (fInputTensorNames.size() == 1 && IsInteger(PerRowLength(fInputTensorNames[0])))
      code.Lines("static constexpr size_t kInputValues = " + PerRowLength(fInputTensorNames[0]) +
                 "; ///< Values of the input, in each row of a batch.");
   code.Lines(
      "std::shared_ptr<Weights const> fWeights;\nmutable Kernel::Buffer<char> fArena; ///< Intermediate tensors.\n"
      "#if defined(TMVA_SOFIE_PROFILE)\nmutable Kernel::Profile fProfile;\n#endif");
   for (auto const &[name, storage] : fPlan.fStorage) {
      if (IsGrowing(name))
         code.Lines("mutable Kernel::Buffer<char> fGrown_" + name + "; ///< Of a size that depends on data.");
   }
   for (auto const &name : OutputDataDims())
      code.Lines("mutable size_t fSize_" + name + " = 0; ///< Of the latest results.");
   std::vector<std::string> results;
   for (auto const &name : fOutputTensorNames) {
      results.push_back(IsSizedByData(name) ? "fResult_" + name : "nullptr");
      if (IsSizedByData(name))
         code.Lines("mutable void const *fResult_" + name + " = nullptr;");
   }
   if (!OutputDataDims().empty()) {
      code.Lines("\n/// An output whose size depends on data, valid until the next call; nullptr for any other.");
      code.Open("void const *Result(size_t output) const");
      code.Lines("void const *const results[] = {" + Join(results) + "};\nreturn results[output];");
      code.Close();
   }
   VisitOperators(
      [&](ROperator &op) { code.Lines(op.GenerateDeclCode() + op.GenerateSessionMembersCode(op.GetOpType())); });
   code.Lines("\n/// \\param filename the weight file. \\throws std::runtime_error if it is not this model's.");
   // std::make_shared takes cling longer.
   code.Lines("Session(" + Join(constructor) + ")\n   : fWeights(new Weights(filename))");
   code.Open("");
   if (HasDynamicArena())
      code.Lines((sizeError.empty() ? "" : "if (!SizeError" + dimArguments + ")\n   ") +
                 "fArena = Kernel::Buffer<char>(ArenaBytes" + dimArguments + ");");
   else
      code.Lines("fArena = Kernel::Buffer<char>(" + std::to_string(fPlan.fArenaBytes) + ");");
   VisitOperators([&](ROperator &op) { code.Lines(op.GenerateInitCode()); });
   code.Close();
   code.Lines("\n/// Another Session on the same weights.");
   code.Lines("explicit Session(std::shared_ptr<Weights const> weights)\n   : fWeights(std::move(weights)), fArena(" +
              (HasDynamicArena() ? std::string("0") : std::to_string(fPlan.fArenaBytes)) + ")");
   code.Open("");
   code.Close();
   code.Lines(
      "Session(Session &&) = default;\nSession &operator=(Session &&) = default;\nSession(Session const &) = delete;\n"
      "Session &operator=(Session const &) = delete;\n\n");
   code.Open(infer + " infer(" + Join(InferParameters(false, true)) + ")");
   if (!sizeError.empty())
      code.Lines("if (char const *error = SizeError" + dimArguments + ")\n   throw std::runtime_error(error);");
   std::vector<std::string> outputs;
   RCodeWriter copies;
   for (auto const &name : fOutputTensorNames) {
      std::string const type = StorageType(name);
      std::string const length = ProductOfDims(GetDimTensorShape(name)).GetVal();
      if (IsSizedByData(name))
         copies.Lines("auto const *result_" + name + " = static_cast<" + type + " const *>(fResult_" + name +
                      ");\nstd::vector<" + type + "> output_" + name + "(result_" + name + ", result_" + name + " + " +
                      length + ");");
      else
         code.Lines("std::vector<" + type + "> output_" + name + "(" + length + ");");
      outputs.push_back("std::move(output_" + name + ")");
   }
   for (auto const &name : OutputDataDims())
      code.Lines("size_t " + name + " = 0;");
   code.Lines("doInfer(*this, " + Join(InferParameters(true, false)) + ");");
   code.Lines(copies.Text());
   if (outputs.size() == 1) {
      code.Lines("return output_" + fOutputTensorNames[0] + ";");
   } else if (infer.rfind("std::tuple", 0) == 0) {
      code.Lines("return " + infer + "(" + Join(outputs) + ");");
   } else {
      code.Lines(infer + " result;");
      for (auto const &output : outputs)
         code.Lines("result.push_back(" + output + ");");
      code.Lines("return result;");
   }
   code.Close();
   code.Close(";\n\n");
   return code.Text();
}

std::string RModel::DoInferCode() const
{
   auto const &batch = fPlan.fBatch;
   auto const advanced = [&](const std::string &name) {
      if (batch.empty() || !IsBatched(name, batch))
         return std::string();
      std::string const length = PerRowLength(name);
      return " + first" + (length == "1" ? "" : " * (" + length + ")");
   };
   std::vector<std::string> arguments = {"session"};
   for (auto const &name : fDimShapeNames)
      arguments.push_back(name == batch ? "rows" : name);
   for (auto const &name : fInputTensorNames) {
      std::string pointer = "tensor_" + name;
      if (GetTensorType(name) == ETensorType::BOOL)
         pointer = "reinterpret_cast<uint8_t const *>(" + pointer + ")";
      arguments.push_back(pointer + advanced(name));
   }
   for (auto const &name : fOutputTensorNames) {
      if (!IsSizedByData(name))
         arguments.push_back("tensor_" + name + advanced(name));
   }

   RCodeWriter code;
   code.Open("SOFIE_EMIT\ninline void doInfer(Session const &session, " + Join(InferParameters(true, true)) + ")");
   if (!SizeErrorCode().empty())
      code.Lines("if (char const *error = SizeError(" + Join(fDimShapeNames) +
                 "))\n   throw std::runtime_error(error);");
   if (HasDynamicArena()) {
      code.Lines("size_t const bytes = ArenaBytes(" + Join(fDimShapeNames) + ");");
      code.Lines("if (session.fArena.Size() < bytes)\n   session.fArena = Kernel::Buffer<char>(bytes);");
   }
   if (!batch.empty()) {
      std::string const rows = std::to_string(fPlan.fRows);
      code.Open("for (size_t first = 0; first < " + batch + "; first += " + rows + ")");
      code.Lines("size_t const rows = " + batch + " - first < " + rows + " ? " + batch + " - first : " + rows + ";");
   }
   code.Lines("Kernel::Dispatch(session.fWeights->fVectorBytes, [&](auto width) {");
   code.Lines("   Run<decltype(width)::value>(" + Join(arguments) + ");\n});");
   if (!batch.empty())
      code.Close();
   for (auto const &name : OutputDataDims())
      code.Lines(name + " = session.fSize_" + name + ";");
   for (auto const &name : fOutputTensorNames) {
      if (IsSizedByData(name))
         code.Lines("if (tensor_" + name + ")\n   std::memcpy(tensor_" + name + ", session.fResult_" + name + ", " +
                    ProductOfDims(GetDimTensorShape(name)).GetVal() + " * sizeof(" + StorageType(name) + "));");
   }
   code.Close();
   return code.Text();
}

std::string RModel::DimsCode() const
{
   RCodeWriter code;
   bool dynamic = false;
   std::vector<std::string> all;
   code.Lines("/// A dimension of an input: a number, or the name of a parameter of infer.");
   code.Lines("struct SingleDim {\n   bool isParam;\n   size_t dim;\n   char const *param;\n};");
   code.Lines("/// The dimensions of an input.");
   code.Lines("struct TensorDims {\n   SingleDim const *data;\n   size_t size;\n};");
   for (auto const &name : fInputTensorNames) {
      std::vector<std::string> dims;
      auto const shape = GetDimTensorShape(name);
      for (auto const &dim : shape) {
         dynamic = dynamic || dim.isParam;
         dims.push_back(dim.isParam ? "SingleDim{true, 0, \"" + dim.param + "\"}"
                                    : "SingleDim{false, " + std::to_string(dim.dim) + ", \"\"}");
      }
      std::string const count = std::to_string(shape.size());
      code.Lines("inline constexpr std::array<SingleDim, " + count + "> dim_" + name + "{" + Join(dims) + "};");
      all.push_back("TensorDims{dim_" + name + ".data(), " + count + "}");
   }
   code.Lines("inline constexpr std::array<TensorDims, " + std::to_string(all.size()) + "> inputTensorDims{" +
              Join(all) + "};");
   code.Lines(std::string("constexpr bool hasDynamicInputTensors{") + (dynamic ? "true" : "false") + "};");
   code.Lines("/// Name, inputs, outputs and weight file, as JSON.");
   code.Lines("inline constexpr char modelDescription[] =\n   " + StringLiteral(DescriptionJson()) + ";");
   return code.Text();
}

std::string RModel::DescriptionJson() const
{
   auto const quoted = [](const std::string &text) { return "\"" + EscapeText(text) + "\""; };
   auto const tensors = [&](const std::vector<std::string> &names) {
      std::vector<std::string> entries;
      for (auto const &name : names) {
         auto const origin = fOrigins.find(name);
         std::vector<std::string> dims;
         for (auto const &dim : GetDimTensorShape(name))
            dims.push_back(dim.isParam ? quoted(dim.param) : std::to_string(dim.dim));
         entries.push_back(
            "{\"name\": " + quoted(name) + ", \"origin\": " + quoted(origin == fOrigins.end() ? name : origin->second) +
            ", \"type\": " + quoted(ConvertTypeToString(GetTensorType(name))) + ", \"shape\": [" + Join(dims) + "]}");
      }
      return "[" + Join(entries) + "]";
   };
   std::vector<std::string> dims;
   for (auto const &name : fDimShapeNames)
      dims.push_back(quoted(name));
   std::vector<std::string> sizes;
   for (auto const &name : OutputDataDims())
      sizes.push_back(quoted(name));
   return "{\"name\": " + quoted(fName) + ", \"dims\": [" + Join(dims) +
          (sizes.empty() ? "" : "], \"sizes\": [" + Join(sizes)) + "], \"inputs\": " + tensors(fInputTensorNames) +
          ", \"outputs\": " + tensors(fOutputTensorNames) +
          ", \"weights\": " + quoted(fUseWeightFile ? WeightFileName() : "") + "}";
}

// ---------------------------------------------------------------------------------------------------------- Generate

void RModel::Generate(std::underlying_type_t<Options> options, int batchSize, long, bool verbose)
{
   auto const has = [&](Options option) {
      return (options & static_cast<std::underlying_type_t<Options>>(option)) != 0;
   };
   if (has(Options::kRootBinaryWeightFile)) {
      throw std::runtime_error(
         "TMVA-SOFIE: kRootBinaryWeightFile is not supported: use kBinaryWeightFile, which needs no ROOT");
   }
   if (has(Options::kGNN) || has(Options::kGNNComponent)) {
      throw std::runtime_error("TMVA-SOFIE: graph networks (kGNN, kGNNComponent) are not supported");
   }
   if (has(Options::kNoSession) && !has(Options::kNoWeightFile)) {
      throw std::runtime_error("TMVA-SOFIE: RModel::Generate: cannot use a separate weight file without generating a "
                               "Session class");
   }
   if (has(Options::kNoWeightFile) && has(Options::kBinaryWeightFile)) {
      throw std::runtime_error("TMVA-SOFIE: RModel::Generate: kNoWeightFile and kBinaryWeightFile exclude each other");
   }
   Initialize(batchSize, verbose);
   fUseSession = !has(Options::kNoSession);
   fUseWeightFile = !has(Options::kNoWeightFile) && !WeightNames().empty();
   fWeightFile = has(Options::kNoWeightFile)       ? WeightFileType::None
                 : has(Options::kBinaryWeightFile) ? WeightFileType::Binary
                                                   : WeightFileType::Text;

   RKernelText kernels;
   kernels.Add("Cpu");
   kernels.Add("Memory");
   kernels.Add("Profile");
   if (fUseWeightFile)
      kernels.Add("WeightFile");
   VisitOperators([&](ROperator &op) {
      for (auto const &name : op.GetKernels())
         kernels.Add(name);
      if (!op.Header().empty())
         AddNeededCustomHeader(op.Header());
   });
   for (auto const &name : fPlan.fEpilogueKernels)
      kernels.Add(name);
   for (auto const *header :
        {"array", "cstddef", "cstdint", "cstring", "limits", "memory", "string", "tuple", "vector"})
      fNeededStdLib.insert(header);
   fNeededStdLib.insert(kernels.Headers().begin(), kernels.Headers().end());

   fGC = SummaryCode();
   std::string guard;
   GenerateHeaderInfo(guard);
   fGC += kernels.ConditionalIncludes();
   // Cling's default level leaves the kernels' inlined parts in pieces. The pragma counts for the input that holds it, so doInfer
   // is to be compiled there and not where it is first called.
   fGC += "\n#if defined(__CLING__)\n#pragma cling optimize(2)\n#define SOFIE_EMIT __attribute__((used))\n#else\n"
          "#define SOFIE_EMIT\n#endif\n";
   // With sizes that it knows, gcc -O3 warns of what would happen in branches that are never taken.
   fGC += "\n#if defined(__GNUC__) && !defined(__clang__)\n#pragma GCC diagnostic push\n"
          "#pragma GCC diagnostic ignored \"-Waggressive-loop-optimizations\"\n#endif\n";
   fGC += "\nnamespace TMVA_SOFIE_" + fName + " {\n" + kOpenTarget;
   fGC += kernels.Text();
   fGC += "\nusing std::size_t;\n\n";
   std::string const run = RunCode();
   std::string const weights = WeightsCode();
   std::set<std::string> const named = Identifiers(run + weights);
   for (auto const &[name, tensor] : fInitializedTensors) {
      bool const isInline = tensor.IsConstantTensor() || fWeightFile == WeightFileType::None;
      if (isInline && named.count("tensor_" + name) > 0)
         fGC += ConstantArray(name, tensor) + "\n";
   }
   fGC += "\n" + weights + SessionCode() + run + "\n" + DoInferCode() + "\n";
   if (!fUseSession) {
      fGC += "/// Computes the network, with a Session of its own for each thread.\ninline " + ReturnType() +
             " infer(" + Join(InferParameters(false, true)) +
             ")\n{\n   thread_local Session session;\n   return session.infer(" + Join(InferParameters(false, false)) +
             ");\n}\n\n";
   }
   fGC += DimsCode();
   fGC += "#if defined(TMVA_SOFIE_PROFILE)\n} // inline namespace profile\n#endif\n"
          "} // inline namespace of the instruction set\n} // TMVA_SOFIE_" +
          fName +
          "\n\n#if defined(__GNUC__) && !defined(__clang__)\n#pragma GCC diagnostic pop\n#endif\n#undef "
          "SOFIE_EMIT\n#undef SOFIE_INLINE\n#undef SOFIE_ONCE\n#undef SOFIE_PROFILE\n#endif // " +
          guard + "\n";
}

// ------------------------------------------------------------------------------------------------------------ weights

std::vector<Internal::WeightTarget> RModel::WeightTargets() const
{
   std::vector<Internal::WeightTarget> targets;
   for (auto const &name : WeightNames()) {
      auto const &tensor = fInitializedTensors.at(name);
      targets.push_back({fInitializedTensors.find(name)->first.c_str(), ConvertShapeToLength(tensor.shape()),
                         tensor.type() == ETensorType::DOUBLE, tensor.sharedptr().get()});
   }
   return targets;
}

std::uint64_t RModel::WeightFingerprint() const
{
   return Internal::Fingerprint(WeightTargets());
}

void RModel::OutputGenerated(std::string filename, bool append)
{
   if (fGC.empty()) {
      throw std::runtime_error("TMVA-SOFIE: RModel::OutputGenerated: nothing is generated yet, call Generate first");
   }
   if (filename.empty()) {
      filename = fName + ".hxx";
      append = false;
   }
   if (fUseWeightFile) {
      std::filesystem::path weights(filename);
      weights.replace_extension(std::filesystem::path(WeightFileName()).extension());
      WriteInitializedTensorsToFile(weights.string());
   }
   RModel_Base::OutputGenerated(filename, append);
}

long RModel::WriteInitializedTensorsToFile(std::string filename)
{
   if (filename.empty())
      filename = WeightFileName();
   if (fWeightFile == WeightFileType::Binary)
      Internal::WriteBinaryWeights(filename, WeightTargets());
   else
      Internal::WriteTextWeights(filename, WeightTargets());
   return static_cast<long>(std::filesystem::file_size(filename));
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
