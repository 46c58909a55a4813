#include "TMVA/SOFIE/RNary.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"
#include "TMVA/SOFIE/RPointwise.hxx"

#include <array>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RNary::RNary(ETensorType type, EBasicNaryOperator op, std::vector<std::string> names, std::string nameY)
   : fType(type), fOp(op),
     fOpType(std::array<const char *, 4>{"Max", "Min", "Mean", "Sum"}.at(static_cast<size_t>(op))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   for (auto &name : names)
      fInputTensorNames.push_back(UTILITY::Clean_name(std::move(name)));
   fOutputTensorNames = {fNY};
   if (fInputTensorNames.empty())
      Fail("it has no inputs");
}

void RNary::Initialize(RModel &model)
{
   std::vector<std::pair<std::string, std::vector<Dim>>> inputs;
   for (auto const &name : fInputTensorNames) {
      RequireTensor(model, name, fType);
      fShapes.push_back(model.GetDimTensorShape(name));
      inputs.emplace_back(name, fShapes.back());
   }
   fShapeY = BroadcastShape(inputs);
   if (fShapes.size() == 1)
      fIsOutputConstant = AddView(model, fInputTensorNames[0], fNY, fShapeY);
   else
      model.AddIntermediateTensor(fNY, fType, fShapeY);
}

std::string RNary::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   size_t const count = fShapes.size();
   std::string const functor = fOp == EBasicNaryOperator::Max   ? "Kernel::Max{}"
                               : fOp == EBasicNaryOperator::Min ? "Kernel::Min{}"
                                                                : "Kernel::Add{}";
   std::string last = fFunctor;
   if (fOp == EBasicNaryOperator::Mean)
      last = "Kernel::Then(Kernel::WithRight<Kernel::Div, " + type + ">{" + std::to_string(count) + "}, " + last + ")";
   std::string code;
   for (size_t i = 1; i < count; ++i) {
      // The first two inputs, then what there is already and the next one.
      auto const &shape = i == 1 ? fShapes[0] : fShapeY;
      std::string const name = i == 1 ? fInputTensorNames[0] : fNY;
      RBroadcast const loops(fShapeY, {shape, fShapes[i]});
      code += (i > 1 ? "\n" : "") + std::string("Kernel::Isa<W>::template Call<Kernel::Binary<") + type + ", " +
              std::to_string(loops.GetInnerStride(0)) + ", " + std::to_string(loops.GetInnerStride(1)) + ">>(" +
              loops.LoopCode(false) + ", " + SizeArgument(loops.GetInnerSize()) + ", tensor_" + name + ", tensor_" +
              fInputTensorNames[i] + ", tensor_" + fNY + ", " + functor + ", " +
              (i + 1 == count ? last : "Kernel::Identity{}") + ");";
   }
   return code;
}

bool RNary::ActsOnRows(const std::vector<bool> &batched) const
{
   return BroadcastActsOnRows(fShapes, fShapeY.size(), batched);
}

bool RNary::FuseEpilogue(const ROperator &next)
{
   if (fShapes.size() == 1)
      return false; // it computes nothing
   return TakeOver(next, fFunctor, fOpType, fNY);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
