#include "TMVA/SOFIE/RBinary.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <array>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RBinary::RBinary(ETensorType type, EBasicBinaryOperator op, std::string nameA, std::string nameB, std::string nameY)
   : fType(type), fName(std::array<const char *, 5>{"Add", "Sub", "Mul", "Div", "Pow"}.at(op)), fOpType(fName),
     fNA(UTILITY::Clean_name(std::move(nameA))), fNB(UTILITY::Clean_name(std::move(nameB))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNA, fNB};
   fOutputTensorNames = {fNY};
}

/// Find a number on one side that leaves the other side's shape as it is.
bool RBinary::TakeNumber(RModel &model)
{
   std::string const type = ConvertTypeToString(fType);
   std::string const right = ScalarLiteral(model, fNB);
   if (!right.empty() && fShapeY == fShapeA) {
      bool const isSquare =
         fName == "Pow" && (right == ConvertValToString(2.0f) || right == ConvertValToString(2.0) || right == "2");
      fNumber = isSquare ? "Kernel::Square{}" : "Kernel::WithRight<Kernel::" + fName + ", " + type + ">{" + right + "}";
      fInputTensorNames = {fNA};
      return true;
   }
   std::string const left = ScalarLiteral(model, fNA);
   if (!left.empty() && fShapeY == fShapeB) {
      fNumber = "Kernel::WithLeft<Kernel::" + fName + ", " + type + ">{" + left + "}";
      fInputTensorNames = {fNB};
      return true;
   }
   return false;
}

void RBinary::Initialize(RModel &model)
{
   RequireTensor(model, fNA, fType);
   RequireTensor(model, fNB, fType);
   fShapeA = model.GetDimTensorShape(fNA);
   fShapeB = model.GetDimTensorShape(fNB);
   fShapeY = BroadcastShape({{fNA, fShapeA}, {fNB, fShapeB}});
   TakeNumber(model);
   model.AddIntermediateTensor(fNY, fType, fShapeY);
}

std::string RBinary::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   if (!fNumber.empty()) {
      return "Kernel::Isa<W>::template Call<Kernel::Map<" + type + ">>(" + SizeArgument(ProductOfDims(fShapeY)) +
             ", tensor_" + fInputTensorNames[0] + ", tensor_" + fNY + ", Kernel::Then(" + fNumber + ", " + fFunctor +
             "));";
   }
   RBroadcast const loops(fShapeY, {fShapeA, fShapeB});
   return "Kernel::Isa<W>::template Call<Kernel::Binary<" + type + ", " + std::to_string(loops.GetInnerStride(0)) +
          ", " + std::to_string(loops.GetInnerStride(1)) + ">>(" + loops.LoopCode(false) + ", " +
          SizeArgument(loops.GetInnerSize()) + ", tensor_" + fNA + ", tensor_" + fNB + ", tensor_" + fNY +
          ", Kernel::" + fName + "{}, " + fFunctor + ");";
}

bool RBinary::ActsOnRows(const std::vector<bool> &batched) const
{
   if (!fNumber.empty())
      return true;
   return (!batched[0] || fShapeA.size() == fShapeY.size()) && (!batched[1] || fShapeB.size() == fShapeY.size());
}

bool RBinary::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fNumber.empty() ? fFunctor : fNumber, fOpType, fNY);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
