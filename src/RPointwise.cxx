#include "TMVA/SOFIE/RPointwise.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

std::string PointwiseCode(const RBroadcast &loops, const std::vector<std::string> &names, const std::string &nameY,
                          const std::string &typeY, const std::string &functor)
{
   std::string steps, tensors;
   for (size_t k = 0; k < names.size(); ++k) {
      steps += ", " + std::to_string(loops.GetInnerStride(k));
      tensors += ", tensor_" + names[k];
   }
   return "Kernel::Isa<W>::template Call<Kernel::Pointwise<" + typeY + steps + ">>(" + loops.LoopCode(false) + ", " +
          ROperator::SizeArgument(loops.GetInnerSize()) + ", tensor_" + nameY + ", " + functor + tensors + ");";
}

bool BroadcastActsOnRows(const std::vector<std::vector<Dim>> &shapes, size_t rankY, const std::vector<bool> &batched)
{
   for (size_t k = 0; k < shapes.size(); ++k) {
      if (batched[k] && shapes[k].size() != rankY)
         return false;
   }
   return true;
}

RPointwise::RPointwise(std::string opType, std::string functor, std::vector<std::string> names,
                       std::vector<ETensorType> types, std::string nameY, ETensorType typeY)
   : fOpType(std::move(opType)), fFunctor(std::move(functor)), fNY(UTILITY::Clean_name(std::move(nameY))),
     fTypes(std::move(types)), fTypeY(typeY)
{
   for (auto &name : names)
      fInputTensorNames.push_back(UTILITY::Clean_name(std::move(name)));
   fOutputTensorNames = {fNY};
}

void RPointwise::Initialize(RModel &model)
{
   std::vector<std::pair<std::string, std::vector<Dim>>> inputs;
   for (size_t k = 0; k < fInputTensorNames.size(); ++k) {
      auto const &name = fInputTensorNames[k];
      RequireTensor(model, name);
      if (fTypes[k] == ETensorType::UNDEFINED)
         fTypes[k] = model.GetTensorType(name);
      RequireTensor(model, name, fTypes[k]);
      fShapes.push_back(model.GetDimTensorShape(name));
      inputs.emplace_back(name, fShapes.back());
   }
   fShapeY = BroadcastShape(inputs);
   model.AddIntermediateTensor(fNY, fTypeY, fShapeY);
}

std::string RPointwise::Generate(std::string)
{
   return PointwiseCode(RBroadcast(fShapeY, fShapes), fInputTensorNames, fNY, StorageType(fTypeY), fFunctor);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
