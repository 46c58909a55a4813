#include "TMVA/SOFIE/RLoop.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RCodeWriter.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

std::vector<std::string> Cleaned(std::vector<std::string> names)
{
   for (auto &name : names)
      name = UTILITY::Clean_name(std::move(name));
   return names;
}

} // namespace

RLoop::RLoop(std::string nameTrips, std::string nameCondition, std::vector<std::string> nameStates,
             std::unique_ptr<RModel> body, std::vector<std::string> nameYs)
   : fOpType("Loop"), fNTrips(UTILITY::Clean_name(std::move(nameTrips))),
     fNCondition(UTILITY::Clean_name(std::move(nameCondition))), fNStates(Cleaned(std::move(nameStates))),
     fModel(std::move(body))
{
   fOutputTensorNames = Cleaned(std::move(nameYs));
}

RLoop::RLoop(std::vector<std::string> nameStates, std::vector<std::string> nameScans, std::unique_ptr<RModel> body,
             std::vector<std::int64_t> reversed, std::vector<std::string> nameYs)
   : fOpType("Scan"), fNStates(Cleaned(std::move(nameStates))), fNScans(Cleaned(std::move(nameScans))),
     fReversed(std::move(reversed)), fModel(std::move(body))
{
   fOutputTensorNames = Cleaned(std::move(nameYs));
}

RLoop::~RLoop() = default;

void RLoop::Initialize(RModel &model)
{
   if (!fModel)
      Fail("it has no body");
   for (auto const *names : {&fNStates, &fNScans}) {
      for (auto const &name : *names) {
         RequireTensor(model, name);
         fInputTensorNames.push_back(name);
      }
   }
   if (!fNTrips.empty())
      RequireScalar(model, fNTrips, ETensorType::INT64);
   if (!fNCondition.empty())
      RequireScalar(model, fNCondition, ETensorType::BOOL);
   for (auto const &name : {fNTrips, fNCondition}) {
      if (!name.empty())
         fInputTensorNames.push_back(name);
   }
   fBody = model.Absorb(std::move(fModel));
   size_t const control = IsScan() ? 0 : 1; // outputs of the body before its states
   size_t const scanned = fOutputTensorNames.size() - std::min(fOutputTensorNames.size(), fNStates.size());
   if (fBody.fInputs.size() != 2 * control + fNStates.size() + fNScans.size() ||
       fBody.fOutputs.size() != control + fNStates.size() + scanned)
      Fail("its body has " + std::to_string(fBody.fInputs.size()) + " inputs and " +
           std::to_string(fBody.fOutputs.size()) + " outputs, which does not fit its own");
   fReversed.resize(fNScans.size() + scanned, 0);
   InitializeStates(model);
   for (size_t i = 0; i < fNScans.size(); ++i) {
      auto const &slice = fBody.fInputs[fNStates.size() + i];
      auto shape = model.GetDimTensorShape(fNScans[i]);
      if (shape.empty())
         Fail(fNScans[i] + " is one number, which cannot be scanned");
      if (i > 0 && shape[0].GetVal() != fScanLength)
         Fail(fNScans[i] + " has " + shape[0].GetVal() + " slices, " + fNScans[0] + " has " + fScanLength);
      fScanLength = shape[0].GetVal();
      shape.erase(shape.begin());
      if (model.GetTensorType(slice) != model.GetTensorType(fNScans[i]) || model.GetDimTensorShape(slice) != shape)
         Fail("the slices of " + fNScans[i] + " do not fit the input " + slice + " of its body");
      fIn.push_back({fNScans[i], slice, fReversed[i] != 0, ProductOfDims(shape).GetVal()});
   }
   fBody.Initialize(model);
   InitializeScannedOutputs(model);
   for (size_t i = 0; i < fNStates.size(); ++i) {
      auto const &in = fBody.fInputs[2 * control + i];
      auto const &out = fBody.fOutputs[control + i];
      // A state that is another one of the run before must not be overwritten by it: by way of a tensor between them.
      if (model.IsAliasTensor(out)) {
         std::string const between = out + "_next";
         model.AddIntermediateTensor(between, model.GetTensorType(out), model.GetDimTensorShape(out));
         fScratchTensorNames.push_back(between);
         fStaged.push_back(Transfer(model, out, between));
         fNext.push_back(Transfer(model, between, in));
      } else {
         fNext.push_back(Transfer(model, out, in));
      }
      model.AddIntermediateTensor(fOutputTensorNames[i], model.GetTensorType(in), model.GetDimTensorShape(in));
      fFinal.push_back(Transfer(model, in, fOutputTensorNames[i]));
   }
   Register(fBody);
}

void RLoop::InitializeStates(RModel &model)
{
   size_t const first = IsScan() ? 0 : 2;
   for (size_t i = 0; i < fNStates.size(); ++i)
      fInitial.push_back(Transfer(model, fNStates[i], fBody.fInputs[first + i]));
   if (!IsScan()) {
      RequireScalar(model, fBody.fInputs[0], ETensorType::INT64);
      RequireScalar(model, fBody.fInputs[1], ETensorType::BOOL);
   }
}

/// How many slices a scanned output has.
Dim RLoop::Trips(RModel &model, const std::string &name)
{
   if (IsScan())
      return fNScans.empty() ? Dim(size_t(0)) : model.GetDimTensorShape(fNScans[0])[0];
   auto const isTrue = [&](const std::string &condition) {
      return model.IsInitializedTensor(condition) && model.GetTensorData<bool>(condition).at(0);
   };
   bool const always = (fNCondition.empty() || isTrue(fNCondition)) && isTrue(fBody.fOutputs[0]);
   std::optional<Dim> atMost;
   if (model.IsInitializedTensor(fNTrips))
      atMost = Dim(static_cast<size_t>(std::max<std::int64_t>(model.GetTensorData<std::int64_t>(fNTrips).at(0), 0)));
   return always && atMost ? *atMost : Dim(model.AddDataDim(name, atMost));
}

void RLoop::InitializeScannedOutputs(RModel &model)
{
   size_t const first = fNStates.size();
   for (size_t i = first; i < fOutputTensorNames.size(); ++i) {
      auto const &slice = fBody.fOutputs[(IsScan() ? 0 : 1) + i];
      auto shape = model.GetDimTensorShape(slice);
      if (model.IsSizedByData(slice))
         Fail("the slices that make " + fOutputTensorNames[i] + " have a size that depends on data");
      std::string const length = ProductOfDims(shape).GetVal();
      Dim const trips = Trips(model, fOutputTensorNames[i]);
      shape.insert(shape.begin(), trips);
      model.AddIntermediateTensor(fOutputTensorNames[i], model.GetTensorType(slice), shape);
      fOut.push_back({fOutputTensorNames[i], slice, fReversed[fNScans.size() + i - first] != 0, length});
      fOutSizes.push_back(trips.isParam && model.IsDataDim(trips.param) ? trips.param : "");
   }
}

std::string RLoop::Generate(std::string)
{
   Fail("its body is printed by GenerateControl");
}

std::string RLoop::GenerateControl(const std::string &opName, const RBlockPrinter &printer)
{
   std::string const step = "step_" + opName;
   std::string const trips = "trips_" + opName;
   std::string const running = "running_" + opName;
   RCodeWriter code;
   code.Open("");
   code.Lines(Code(fInitial, printer));
   if (IsScan()) {
      code.Lines("size_t const " + trips + " = " + (fScanLength.empty() ? "0" : fScanLength) + ";");
      code.Lines("bool const " + running + " = true;");
   } else {
      code.Lines("size_t const " + trips + " = " +
                 (fNTrips.empty() ? "std::numeric_limits<size_t>::max()"
                                  : "size_t(tensor_" + fNTrips + "[0] < 0 ? 0 : tensor_" + fNTrips + "[0])") +
                 ";");
      code.Lines("bool " + running + " = " + (fNCondition.empty() ? "true" : "tensor_" + fNCondition + "[0]") + ";");
   }
   code.Lines("size_t " + step + " = 0;");
   code.Open("for (; " + running + " && " + step + " < " + trips + "; ++" + step + ")");
   if (!IsScan()) {
      code.Lines("tensor_" + fBody.fInputs[0] + "[0] = int64_t(" + step + ");");
      code.Lines("tensor_" + fBody.fInputs[1] + "[0] = 1;");
   }
   auto const place = [&](const RSlice &slice) {
      return "tensor_" + slice.fWhole + " + " + (slice.fIsReversed ? "(" + trips + " - 1 - " + step + ")" : step) +
             " * (" + slice.fLength + ")";
   };
   for (auto const &in : fIn)
      code.Lines("std::memcpy(tensor_" + in.fSlice + ", " + place(in) + ", (" + in.fLength + ") * sizeof(*tensor_" +
                 in.fSlice + "));");
   code.Lines(printer.fBlock(fBody));
   for (size_t i = 0; i < fOut.size(); ++i) {
      if (!fOutSizes[i].empty())
         code.Lines(fOutSizes[i] + " = " + step + " + 1;\n" + printer.fGrow(fOut[i].fWhole, true));
      code.Lines("std::memcpy(" + place(fOut[i]) + ", tensor_" + fOut[i].fSlice + ", (" + fOut[i].fLength +
                 ") * sizeof(*tensor_" + fOut[i].fSlice + "));");
   }
   if (!IsScan())
      code.Lines(running + " = tensor_" + fBody.fOutputs[0] + "[0];");
   code.Lines(Code(fStaged, printer));
   code.Lines(Code(fNext, printer));
   code.Close();
   for (size_t i = 0; i < fOut.size(); ++i) {
      if (!fOutSizes[i].empty())
         code.Lines(fOutSizes[i] + " = " + step + ";\n" + printer.fGrow(fOut[i].fWhole, true));
   }
   code.Lines(Code(fFinal, printer));
   code.Close();
   return code.Text();
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
