#include "TMVA/SOFIE/RRecurrent.hxx"

#include "TMVA/RModel.hxx"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

/// A function that a cell may use: its functor, the defaults of its parameters, and the file of kernels that it is in.
struct RActivation {
   std::string fFunctor;
   std::vector<double> fDefaults;
   std::string fKernel;
};

const std::map<std::string, RActivation> &Activations()
{
   static const std::map<std::string, RActivation> known = {
      {"Relu", {"Relu", {}, "Elementwise"}},
      {"Tanh", {"TanhOf", {}, "Elementwise"}},
      {"Sigmoid", {"SigmoidOf", {}, "Elementwise"}},
      {"Softsign", {"Softsign", {}, "Functions"}},
      {"Softplus", {"Softplus", {}, "Functions"}},
      {"Affine", {"Affine", {1, 0}, "Functions"}},
      {"LeakyRelu", {"LeakyRelu", {0.01}, "Elementwise"}},
      {"ThresholdedRelu", {"ThresholdedRelu", {1}, "Functions"}},
      {"ScaledTanh", {"ScaledTanh", {1, 1}, "Functions"}},
      {"HardSigmoid", {"HardSigmoid", {0.2, 0.5}, "Functions"}},
      {"Elu", {"Elu", {1}, "Elementwise"}},
   };
   return known;
}

} // namespace

RRecurrent::RRecurrent(ETensorType type, ECell cell, RAttributes attributes, RTensors tensors)
   : fType(type), fCell(cell), fAttributes(std::move(attributes)), fTensors(std::move(tensors))
{
   for (auto *name : {&fTensors.fX, &fTensors.fW, &fTensors.fR, &fTensors.fB, &fTensors.fLengths, &fTensors.fFirstH,
                      &fTensors.fFirstC, &fTensors.fP, &fTensors.fY, &fTensors.fLastH, &fTensors.fLastC})
      *name = UTILITY::Clean_name(std::move(*name));
   for (auto const &name : {fTensors.fX, fTensors.fW, fTensors.fR, fTensors.fB, fTensors.fLengths, fTensors.fFirstH,
                            fTensors.fFirstC, fTensors.fP}) {
      if (!name.empty())
         fInputTensorNames.push_back(name);
   }
   for (auto const &name : {fTensors.fY, fTensors.fLastH, fTensors.fLastC}) {
      if (!name.empty())
         fOutputTensorNames.push_back(name);
   }
   if (fOutputTensorNames.empty())
      Fail("it has no output");
   if (fAttributes.fDirection == "backward")
      fAttributes.fDirection = "reverse";
   if (fAttributes.fDirection.empty())
      fAttributes.fDirection = "forward";
   fDirections = fAttributes.fDirection == "bidirectional" ? 2 : 1;
   SettleActivations();
}

std::string RRecurrent::GetOpType() const
{
   return fCell == ECell::kRNN ? "RNN" : fCell == ECell::kGRU ? "GRU" : "LSTM";
}

void RRecurrent::SettleActivations()
{
   if (fDirections == 1 && fAttributes.fDirection != "forward" && fAttributes.fDirection != "reverse")
      Fail("direction " + fAttributes.fDirection + " is none of forward, reverse and bidirectional");
   if (fAttributes.fLayout > 1)
      Fail("layout " + std::to_string(fAttributes.fLayout) + " is neither 0 nor 1");
   if (!(fAttributes.fClip >= 0))
      Fail("clip " + ConvertValToString(fAttributes.fClip) + " is negative");
   auto names = fAttributes.fActivations;
   if (names.empty()) {
      static const std::array<const char *, 3> defaults = {"Sigmoid", "Tanh", "Tanh"};
      for (size_t i = 0; i < fDirections * Functions(); ++i)
         names.push_back(fCell == ECell::kRNN ? "Tanh" : defaults[i % Functions()]);
   }
   if (names.size() != fDirections * Functions())
      Fail(std::to_string(names.size()) + " activations, " + std::to_string(fDirections * Functions()) +
           " are expected");
   // Each list of parameters is read by those functions that have such a parameter.
   std::array<std::vector<float>, 2> const given = {fAttributes.fAlpha, fAttributes.fBeta};
   std::array<size_t, 2> read = {0, 0};
   for (auto const &name : names) {
      auto const found = Activations().find(name);
      if (found == Activations().end())
         Fail("the activation " + name + " is not supported");
      auto const &[functor, defaults, kernel] = found->second;
      fKernels.push_back(kernel);
      std::string parameters;
      for (size_t i = 0; i < defaults.size(); ++i) {
         double const value = read[i] < given[i].size() ? double(given[i][read[i]]) : defaults[i];
         ++read[i];
         parameters += (i == 0 ? "" : ", ") + ConvertValToString(value);
      }
      std::string code = "Kernel::" + functor + (defaults.empty() ? "{}" : "<double>{" + parameters + "}");
      if (fAttributes.fClip > 0) {
         std::string const bound = ConvertValToString(fAttributes.fClip);
         code = "Kernel::Then(Kernel::Clip<double>{-" + bound + ", " + bound + "}, " + code + ")";
      }
      fFunctors.push_back(code);
   }
}

void RRecurrent::RequireShape(const RModel &model, const std::string &name, const std::vector<Dim> &shape) const
{
   if (model.GetDimTensorShape(name) != shape)
      Fail("input tensor " + name + " " + ConvertDimShapeToString(model.GetDimTensorShape(name)) +
           " does not have the shape " + ConvertDimShapeToString(shape));
}

void RRecurrent::SettleWeights(RModel &model, size_t inputs)
{
   for (auto const &name : {fTensors.fW, fTensors.fR, fTensors.fB}) {
      if (name.empty())
         continue;
      RequireTensor(model, name, fType);
      if (!model.IsInitializedTensor(name))
         Fail("the weights " + name + " are computed at run time");
   }
   auto const shapeR = model.GetTensorShape(fTensors.fR);
   size_t const hidden = shapeR.size() == 3 ? shapeR[2] : 0;
   if (fAttributes.fHidden == 0)
      fAttributes.fHidden = hidden;
   if (hidden == 0 || hidden != fAttributes.fHidden)
      Fail("hidden_size " + std::to_string(fAttributes.fHidden) + " does not fit the weights " + fTensors.fR + " " +
           ConvertShapeToString(shapeR));
   size_t const lines = Gates() * hidden;
   RequireShape(model, fTensors.fW, {Dim(fDirections), Dim(lines), Dim(inputs)});
   RequireShape(model, fTensors.fR, {Dim(fDirections), Dim(lines), Dim(hidden)});
   if (!fTensors.fB.empty())
      RequireShape(model, fTensors.fB, {Dim(fDirections), Dim(2 * lines)});
}

std::vector<Dim> RRecurrent::StateShape() const
{
   Dim const directions(fDirections);
   Dim const hidden(fAttributes.fHidden);
   return fAttributes.fLayout == 1 ? std::vector<Dim>{fRows, directions, hidden}
                                   : std::vector<Dim>{directions, fRows, hidden};
}

void RRecurrent::Initialize(RModel &model)
{
   RequireTensor(model, fTensors.fX, fType);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   auto const shapeX = model.GetDimTensorShape(fTensors.fX);
   if (shapeX.size() != 3 || shapeX[2].isParam || shapeX[2].dim == 0)
      Fail("input tensor " + fTensors.fX + " " + ConvertDimShapeToString(shapeX) +
           " is not of steps, sequences and a known number of inputs");
   fPackedType = model.GetPackedType(fType);
   fSteps = shapeX[fAttributes.fLayout];
   fRows = shapeX[1 - fAttributes.fLayout];
   fInputs = shapeX[2].dim;
   SettleWeights(model, fInputs);
   if (!fTensors.fLengths.empty()) {
      RequireTensor(model, fTensors.fLengths, ETensorType::INT32);
      RequireShape(model, fTensors.fLengths, {fRows});
   }
   for (auto const &name : {fTensors.fFirstH, fTensors.fFirstC}) {
      if (name.empty())
         continue;
      RequireTensor(model, name, fType);
      RequireShape(model, name, StateShape());
   }
   if (!fTensors.fP.empty()) {
      RequireTensor(model, fTensors.fP, fType);
      RequireShape(model, fTensors.fP, {Dim(fDirections), Dim(3 * fAttributes.fHidden)});
   }

   if (!fTensors.fY.empty()) {
      Dim const directions(fDirections);
      Dim const hidden(fAttributes.fHidden);
      model.AddIntermediateTensor(fTensors.fY, fType,
                                  fAttributes.fLayout == 1 ? std::vector<Dim>{fRows, fSteps, directions, hidden}
                                                           : std::vector<Dim>{fSteps, directions, fRows, hidden});
   }
   for (auto const &name : {fTensors.fLastH, fTensors.fLastC}) {
      if (!name.empty())
         model.AddIntermediateTensor(name, fType, StateShape());
   }
   // What kRecurrentScratch says of the cell.
   size_t const products = fCell == ECell::kGRU && !fAttributes.fIsBefore ? 4 : Gates();
   size_t const lines = Gates() + products + (fCell == ECell::kLSTM ? 2 : 1);
   AddScratch(model, fType, Dim(64 * fAttributes.fHidden * lines));
}

std::string RRecurrent::Packed(const std::string &what, size_t direction) const
{
   return "packed_" + fOutputTensorNames.at(0) + "_" + what + std::to_string(direction);
}

std::vector<ROperator::PackedWeight> RRecurrent::GetPackedWeights() const
{
   std::string const type = ConvertTypeToString(fType);
   size_t const hidden = fAttributes.fHidden;
   size_t const columns = Gates() * hidden;
   std::vector<PackedWeight> packed;
   std::string const none = "static_cast<" + type + " const *>(nullptr)";
   // Some columns of the weights; of the second bias those of [begin, end).
   auto const pack = [&](const std::string &what, size_t direction, const std::string &weights, size_t depth,
                         size_t first, size_t count, const std::string &bias = "", const std::string &more = "",
                         size_t begin = 0, size_t end = 0) {
      packed.push_back({Packed(what, direction), fPackedType,
                        "Kernel::PackRecurrent<" + type + ", W" + PackedTypeCode(fType, fPackedType) + ">(" +
                           std::to_string(depth) + ", " + std::to_string(count) + ", tensor_" + weights + " + " +
                           std::to_string((direction * columns + first) * depth) + ", " + (bias.empty() ? none : bias) +
                           ", " + (more.empty() ? none : more) + ", " + std::to_string(begin) + ", " +
                           std::to_string(end) + ")"});
   };
   for (size_t d = 0; d < fDirections; ++d) {
      auto const bias = [&](size_t first) {
         return fTensors.fB.empty() ? "" : "tensor_" + fTensors.fB + " + " + std::to_string(d * 2 * columns + first);
      };
      // The biases of input and state are one sum, but for the gate whose state's product goes through another gate first.
      bool const isBefore = fCell == ECell::kGRU && fAttributes.fIsBefore;
      pack("input", d, fTensors.fW, fInputs, 0, columns, bias(0), bias(columns), 0, isBefore ? 2 * hidden : columns);
      if (isBefore) {
         pack("state", d, fTensors.fR, hidden, 0, columns, "", bias(columns), 2 * hidden, columns);
      } else if (fCell == ECell::kGRU) {
         pack("state", d, fTensors.fR, hidden, 0, 2 * hidden);
         pack("new", d, fTensors.fR, hidden, 2 * hidden, hidden);
      } else {
         pack("state", d, fTensors.fR, hidden, 0, columns);
      }
   }
   return packed;
}

std::set<std::string> RRecurrent::GetPackedInputs() const
{
   return fTensors.fB.empty() ? std::set<std::string>{fTensors.fW, fTensors.fR}
                              : std::set<std::string>{fTensors.fW, fTensors.fR, fTensors.fB};
}

std::string RRecurrent::CellCode(size_t direction) const
{
   std::string types, values;
   for (size_t i = 0; i < Functions(); ++i) {
      std::string const &functor = fFunctors[direction * Functions() + i];
      types += (i == 0 ? "" : ", ") + std::string("decltype(") + functor + ")";
      values += (i == 0 ? "" : ", ") + functor;
   }
   auto const flag = [](bool value) { return std::string(value ? ", true" : ", false"); };
   switch (fCell) {
   case ECell::kRNN: return "Kernel::RnnCell<" + types + ">{" + values + "}";
   case ECell::kGRU: return "Kernel::GruCell<" + types + flag(fAttributes.fIsBefore) + ">{" + values + "}";
   default:
      return "Kernel::LstmCell<" + types + flag(fAttributes.fIsCoupled) + flag(!fTensors.fP.empty()) + ">{" + values +
             "}";
   }
}

std::string RRecurrent::DirectionCode(size_t d) const
{
   std::string const type = ConvertTypeToString(fType);
   Dim const hidden(fAttributes.fHidden);
   Dim const inputs(fInputs);
   Dim const states(fDirections * fAttributes.fHidden);
   bool const isRowsFirst = fAttributes.fLayout == 1;
   auto const at = [&](const std::string &name, const Dim &offset, bool isInput) {
      if (name.empty())
         return "static_cast<" + type + (isInput ? " const" : "") + " *>(nullptr)";
      return "tensor_" + name + (d == 0 ? "" : " + " + offset.GetVal());
   };
   // Where this direction begins, in the states and in the output.
   Dim const offset = isRowsFirst ? hidden : MulDims(fRows, hidden);
   auto const state = [&](const std::string &name, bool isInput) { return at(name, offset, isInput); };

   std::vector<Dim> const sequences = {fSteps,
                                       isRowsFirst ? inputs : MulDims(fRows, inputs),
                                       isRowsFirst ? states : MulDims(fRows, states),
                                       isRowsFirst ? MulDims(fSteps, inputs) : inputs,
                                       isRowsFirst ? MulDims(fSteps, states) : hidden,
                                       isRowsFirst ? states : hidden};
   std::string sizes;
   for (auto const &size : sequences)
      sizes += (sizes.empty() ? "" : ", ") + size.GetVal();
   bool const hasTwo = fCell == ECell::kGRU && !fAttributes.fIsBefore;
   std::string const cell = CellCode(d);
   return "Kernel::Isa<W>::template Call<Kernel::Recurrent<" + type + ", " + inputs.GetVal() + ", " + hidden.GetVal() +
          ", decltype(" + cell + ")>>(" + SizeArgument(fRows) + ", Kernel::Sequences{" + sizes +
          "}, Kernel::RecurrentTensors<" + type + ", " + StorageType(fPackedType) + ">{tensor_" + fTensors.fX + ", " +
          Packed("input", d) + ", {" + Packed("state", d) + ", " + (hasTwo ? Packed("new", d) : "nullptr") + "}, " +
          (fTensors.fLengths.empty() ? "nullptr" : "tensor_" + fTensors.fLengths) + ", {" +
          state(fTensors.fFirstH, true) + ", " + state(fTensors.fFirstC, true) + "}, " +
          at(fTensors.fP, Dim(3 * fAttributes.fHidden), true) + ", " + state(fTensors.fY, false) + ", {" +
          state(fTensors.fLastH, false) + ", " + state(fTensors.fLastC, false) + "}}, " +
          (IsBackward(d) ? "true" : "false") + ", tensor_" + fScratchTensorNames.at(0) + ", " + cell + ");";
}

std::string RRecurrent::Generate(std::string)
{
   std::string code;
   for (size_t d = 0; d < fDirections; ++d)
      code += (d == 0 ? "" : "\n") + DirectionCode(d);
   return code;
}

bool RRecurrent::ActsOnRows(const std::vector<bool> &batched) const
{
   if (fAttributes.fLayout != 1)
      return false;
   for (size_t i = 0; i < batched.size(); ++i) {
      auto const &name = fInputTensorNames[i];
      bool const hasRows =
         name == fTensors.fX || name == fTensors.fLengths || name == fTensors.fFirstH || name == fTensors.fFirstC;
      if (batched[i] != hasRows)
         return false;
   }
   return true;
}

Dim RRecurrent::GetFlops(const RModel &) const
{
   size_t const hidden = fAttributes.fHidden;
   return ProductOfDims({fSteps, fRows, Dim(2 * fDirections * Gates() * hidden * (fInputs + hidden))});
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
