#include "TMVA/SOFIE/RRange.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <cmath>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RRange::RRange(ETensorType type, std::string start, std::string limit, std::string step, std::string nameY)
   : fType(type), fNStart(UTILITY::Clean_name(std::move(start))), fNLimit(UTILITY::Clean_name(std::move(limit))),
     fNStep(UTILITY::Clean_name(std::move(step))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fOutputTensorNames = {fNY};
}

double RRange::Number(RModel &model, const std::string &name) const
{
   return fType == ETensorType::FLOAT ? static_cast<double>(model.GetTensorData<float>(name).at(0))
                                      : model.GetTensorData<double>(name).at(0);
}

Dim RRange::FloatLength(RModel &model) const
{
   double const span = Number(model, fNLimit) - Number(model, fNStart);
   double const length = std::ceil(
      (fType == ETensorType::FLOAT ? static_cast<double>(static_cast<float>(span)) : span) / Number(model, fNStep));
   constexpr double kMost = 1e15; // before anything overflows
   if (!(std::fabs(length) < kMost))
      Fail("it has no end");
   return Dim(static_cast<size_t>(length > 0 ? length : 0));
}

/// The length over integers, which may be dimensions.
Dim RRange::SizeLength(RModel &model)
{
   std::vector<Dim> start, limit, step;
   if (!SizeValues(model, fNStart, start) || !SizeValues(model, fNLimit, limit) || !SizeValues(model, fNStep, step))
      Fail("a start, limit or step that is computed at run time");
   auto const by = step.at(0);
   if (by.isParam || by == Dim(size_t(0)))
      Fail("a step of " + by.GetVal());
   bool const isForward = static_cast<std::int64_t>(by.dim) > 0;
   Dim const size = isForward ? by : SubtractDims(Dim(size_t(0)), by);
   Dim const span = isForward ? SubtractDims(limit.at(0), start.at(0)) : SubtractDims(start.at(0), limit.at(0));
   if (!span.isParam && static_cast<std::int64_t>(span.dim) <= 0)
      return Dim(size_t(0));
   if (span.isParam && span.param.find('-') != std::string::npos)
      fSizeChecks.push_back({"int64_t(" + span.GetVal() + ") < 0",
                             "TMVA-SOFIE: Range" + (fOrigin.empty() ? "" : " at " + fOrigin) + ": from " +
                                start[0].GetVal() + " to " + limit[0].GetVal() + " is less than nothing"});
   fStart = start[0].isParam ? start[0].GetVal() : "";
   return DivDims(SubtractDims(AddDims(span, size), Dim(size_t(1))), size);
}

void RRange::Initialize(RModel &model)
{
   bool isKnown = true;
   for (auto const &name : {fNStart, fNLimit, fNStep}) {
      RequireTensor(model, name, fType);
      if (ProductOfDims(model.GetDimTensorShape(name)) != Dim(size_t(1)))
         Fail(name + " " + ConvertDimShapeToString(model.GetDimTensorShape(name)) + " is not one number");
      isKnown = isKnown && (model.IsInitializedTensor(name) || model.IsShapeTensor(name));
   }
   if (!isKnown)
      return InitializeAtRunTime(model);
   bool const isFloat = fType == ETensorType::FLOAT || fType == ETensorType::DOUBLE;
   fLength = isFloat ? FloatLength(model) : SizeLength(model);
   if (fStart.empty())
      fStart = ScalarLiteral(model, fNStart);
   fStep = ScalarLiteral(model, fNStep);
   model.AddIntermediateTensor(fNY, fType, std::vector<Dim>{fLength});
}

/// Bounds are read when the operator runs, and so is the length.
void RRange::InitializeAtRunTime(RModel &model)
{
   std::string const type = ConvertTypeToString(fType);
   std::vector<std::string> values;
   for (auto const &name : {fNStart, fNLimit, fNStep}) {
      if (model.IsShapeTensor(name)) {
         values.push_back(type + "(" + model.GetShapeTensorValues(name).at(0).GetVal() + ")");
         continue;
      }
      fInputTensorNames.push_back(name);
      values.push_back("tensor_" + name + "[0]");
   }
   fStart = values[0];
   fStep = values[2];
   fLength = Dim(model.AddDataDim(fNY));
   fSizesCode = fLength.param + " = Kernel::RangeLength<" + type + ">(" + values[0] + ", " + values[1] + ", " +
                values[2] + ");\n";
   model.AddIntermediateTensor(fNY, fType, std::vector<Dim>{fLength});
}

std::string RRange::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   return "Kernel::Isa<W>::template Call<Kernel::Range<" + type + ">>(" + SizeArgument(fLength) + ", " + type + "(" +
          fStart + "), " + type + "(" + fStep + "), tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
