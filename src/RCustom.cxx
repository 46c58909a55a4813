#include "TMVA/SOFIE/RCustom.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RCodeWriter.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

/// Identifiers with `::` between them.
bool IsQualifiedName(const std::string &name)
{
   size_t begin = 0;
   for (size_t end = name.find("::"); end != std::string::npos; begin = end + 2, end = name.find("::", begin)) {
      if (!IsUsableName(name.substr(begin, end - begin)))
         return false;
   }
   return IsUsableName(name.substr(begin));
}

} // namespace

RCustom::RCustom(ETensorType type, std::string opName, std::vector<std::string> inputs,
                 std::vector<std::string> outputs, std::vector<std::vector<Dim>> shapes, std::string header,
                 std::vector<double> constants)
   : fType(type), fOpName(std::move(opName)), fShapes(std::move(shapes)), fHeader(std::move(header)),
     fConstants(std::move(constants))
{
   for (auto &name : inputs)
      fInputTensorNames.push_back(UTILITY::Clean_name(std::move(name)));
   for (auto &name : outputs)
      fOutputTensorNames.push_back(UTILITY::Clean_name(std::move(name)));
   if (!IsQualifiedName(fOpName))
      Fail("\"" + EscapeText(fOpName) + "\" is no name of a namespace in C++");
   if (fHeader.find_first_of("\"\n\\") != std::string::npos)
      Fail("\"" + EscapeText(fHeader) + "\" is no name of a header");
}

std::vector<std::vector<Dim>> RCustom::ToDims(const std::vector<std::vector<size_t>> &shapes)
{
   std::vector<std::vector<Dim>> dims;
   for (auto const &shape : shapes)
      dims.push_back(ConvertShapeToDim(shape));
   return dims;
}

void RCustom::Initialize(RModel &model)
{
   if (fShapes.size() != fOutputTensorNames.size())
      Fail(std::to_string(fShapes.size()) + " shapes for " + std::to_string(fOutputTensorNames.size()) + " outputs");
   for (double const constant : fConstants)
      fArguments.push_back(ConvertValToString(constant));
   auto const view = [&](const std::string &name, const std::string &qualifier) {
      return "Kernel::View<" + StorageType(model.GetTensorType(name)) + qualifier + ">(tensor_" + name + ", " +
             ProductOfDims(model.GetDimTensorShape(name)).GetVal() + ")";
   };
   for (auto const &name : fInputTensorNames) {
      RequireTensor(model, name);
      fArguments.push_back(view(name, " const"));
   }
   for (size_t i = 0; i < fOutputTensorNames.size(); ++i) {
      model.AddIntermediateTensor(fOutputTensorNames[i], fType, fShapes[i]);
      fArguments.push_back(view(fOutputTensorNames[i], ""));
   }
}

std::string RCustom::Generate(std::string)
{
   std::string arguments;
   for (auto const &argument : fArguments)
      arguments += (arguments.empty() ? "" : ", ") + argument;
   return "::" + fOpName + "::Compute(" + arguments + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
