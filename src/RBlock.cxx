#include "TMVA/SOFIE/RBlock.hxx"

#include "TMVA/RModel.hxx"

#include <algorithm>
#include <set>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

void RBlock::Initialize(RModel &model)
{
   for (auto const &op : fOperators)
      op->Initialize(model);
   fOperators.erase(std::remove_if(fOperators.begin(), fOperators.end(),
                                   [](const std::unique_ptr<ROperator> &op) { return op->IsOutputConstant(); }),
                    fOperators.end());
}

std::vector<std::string> RBlock::OuterTensors() const
{
   std::set<std::string> own(fInputs.begin(), fInputs.end());
   std::vector<std::string> outer;
   auto const read = [&](const std::vector<std::string> &names) {
      for (auto const &name : names) {
         if (!name.empty() && own.count(name) == 0 && std::find(outer.begin(), outer.end(), name) == outer.end())
            outer.push_back(name);
      }
   };
   for (auto const &op : fOperators) {
      read(op->GetOpInputTensors());
      own.insert(op->GetOpOutputTensors().begin(), op->GetOpOutputTensors().end());
   }
   read(fOutputs);
   return outer;
}

std::vector<std::string> RBlock::OwnTensors() const
{
   std::vector<std::string> own = fInputs;
   for (auto const &op : fOperators) {
      for (auto const *names : {&op->GetOpOutputTensors(), &op->GetOpScratchTensors()})
         std::copy_if(names->begin(), names->end(), std::back_inserter(own),
                      [](const std::string &name) { return !name.empty(); });
   }
   return own;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
