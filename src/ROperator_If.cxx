#include "TMVA/ROperator_If.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RCodeWriter.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_If::ROperator_If(std::string nameX, std::vector<std::string> nameYs, std::unique_ptr<RModel> thenBranch,
                           std::unique_ptr<RModel> elseBranch)
   : fNX(UTILITY::Clean_name(std::move(nameX))), fModels{std::move(thenBranch), std::move(elseBranch)}
{
   fInputTensorNames = {fNX};
   for (auto &name : nameYs)
      fOutputTensorNames.push_back(UTILITY::Clean_name(std::move(name)));
}

ROperator_If::~ROperator_If() = default;

void ROperator_If::Initialize(RModel &model)
{
   RequireScalar(model, fNX, ETensorType::BOOL);
   for (size_t branch = 0; branch < 2; ++branch) {
      if (!fModels[branch])
         Fail("a branch is missing");
      fBlocks[branch] = model.Absorb(std::move(fModels[branch]));
      fBlocks[branch].Initialize(model);
      Register(fBlocks[branch]);
      if (fBlocks[branch].fOutputs.size() != fOutputTensorNames.size())
         Fail("a branch has " + std::to_string(fBlocks[branch].fOutputs.size()) + " outputs, not " +
              std::to_string(fOutputTensorNames.size()));
   }
   for (size_t i = 0; i < fOutputTensorNames.size(); ++i) {
      auto const &name = fOutputTensorNames[i];
      auto const &first = fBlocks[0].fOutputs[i];
      auto shape = model.GetDimTensorShape(first);
      auto const other = model.GetDimTensorShape(fBlocks[1].fOutputs[i]);
      for (size_t d = 0; d < shape.size() && d < other.size(); ++d) {
         if (shape[d] != other[d])
            shape[d] = Dim(model.AddDataDim(name + "_" + std::to_string(d), AddDims(shape[d], other[d])));
      }
      model.AddIntermediateTensor(name, model.GetTensorType(first), shape);
      for (size_t branch = 0; branch < 2; ++branch)
         fResults[branch].push_back(Transfer(model, fBlocks[branch].fOutputs[i], name));
   }
}

std::string ROperator_If::Generate(std::string)
{
   Fail("its branches are printed by GenerateControl");
}

std::string ROperator_If::GenerateControl(const std::string &, const RBlockPrinter &printer)
{
   RCodeWriter code;
   for (size_t branch = 0; branch < 2; ++branch) {
      code.Open(branch == 0 ? "if (tensor_" + fNX + "[0])" : "else");
      code.Lines(printer.fBlock(fBlocks[branch]));
      code.Lines(Code(fResults[branch], printer));
      code.Close();
   }
   return code.Text();
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
