#include "TMVA/SOFIE/RBinary.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"
#include "TMVA/SOFIE/RPointwise.hxx"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

/// The functions by their functors.
constexpr std::array<const char *, 13> kFunctors = {"Add",       "Sub",        "Mul",        "Div",       "Pow",
                                                    "Mod",       "FMod",       "BitwiseAnd", "BitwiseOr", "BitwiseXor",
                                                    "ShiftLeft", "ShiftRight", "PRelu"};

std::string OnnxName(EBasicBinaryOperator op, ETensorType type)
{
   switch (op) {
   case FMod: return "Mod";
   case ShiftLeft:
   case ShiftRight: return "BitShift";
   case BitwiseAnd:
   case BitwiseOr:
   case BitwiseXor: return kFunctors.at(op) + (type == ETensorType::BOOL ? std::strlen("Bitwise") : 0);
   default: return kFunctors.at(op);
   }
}

} // namespace

RBinary::RBinary(ETensorType type, EBasicBinaryOperator op, std::string nameA, std::string nameB, std::string nameY)
   : fType(type), fTypeB(type), fOp(op), fName(kFunctors.at(op)), fOpType(OnnxName(op, type)),
     fNA(UTILITY::Clean_name(std::move(nameA))), fNB(UTILITY::Clean_name(std::move(nameB))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNA, fNB};
   fOutputTensorNames = {fNY};
}

/// Find a number on one side that leaves the other side's shape as it is.
bool RBinary::TakeNumber(RModel &model)
{
   std::string const type = StorageType(fType);
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
   RequireTensor(model, fNB);
   if (fOp == Pow)
      fTypeB = model.GetTensorType(fNB);
   RequireTensor(model, fNB, fTypeB);
   fShapeA = model.GetDimTensorShape(fNA);
   fShapeB = model.GetDimTensorShape(fNB);
   fShapeY = BroadcastShape({{fNA, fShapeA}, {fNB, fShapeB}});
   if (fOp == PRelu && fShapeY != fShapeA)
      Fail("the slope " + fNB + " " + ConvertDimShapeToString(fShapeB) + " does not broadcast to " + fNA + " " +
           ConvertDimShapeToString(fShapeA));
   fIsWeightA = model.IsInitializedTensor(fNA);
   fIsWeightB = model.IsInitializedTensor(fNB);
   if (fTypeB == fType)
      TakeNumber(model);
   model.AddIntermediateTensor(fNY, fType, fShapeY);
}

/// An input as it is beside tensors with their channels last, in shape and name: there already, or the same memory; else false.
bool RBinary::FitsChannelsLast(const RModel &model, const std::string &name, std::vector<Dim> &shape) const
{
   auto const rank = fShapeY.size();
   bool const isOfOnes = std::all_of(shape.begin(), shape.end(), [](const Dim &dim) { return dim == Dim(size_t(1)); });
   auto const channel = std::find_if(shape.begin(), shape.end(), [](const Dim &dim) { return dim != Dim(size_t(1)); });
   if (isOfOnes) {
      shape = {};
      return model.IsInitializedTensor(name);
   }
   // One value a channel.
   if (model.IsInitializedTensor(name) && shape.end() - channel == std::ptrdiff_t(rank) - 1 &&
       ProductOfDims({channel + 1, shape.end()}) == Dim(size_t(1))) {
      shape = {*channel};
      return true;
   }
   bool const isSmall = shape != fShapeY && !model.IsInitializedTensor(name); // is worth a conversion
   if (shape.size() != rank || !(model.HasChannelsLast(name) || shape[1] == Dim(size_t(1)) || isSmall))
      return false;
   std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
   return true;
}

void RBinary::ChooseLayout(RModel &model)
{
   auto shapeA = fShapeA;
   auto shapeB = fShapeB;
   bool const isThere =
      (model.HasChannelsLast(fNA) && fShapeA == fShapeY) || (model.HasChannelsLast(fNB) && fShapeB == fShapeY);
   if (!isThere || fTypeB != fType || !FitsChannelsLast(model, fNA, shapeA) || !FitsChannelsLast(model, fNB, shapeB))
      return;
   for (auto *name : {&fNA, &fNB}) {
      if (model.HasChannelsLast(*name) || !model.IsInitializedTensor(*name))
         ReadChannelsLast(model, *name);
   }
   WriteChannelsLast(model, fNY);
   fShapeA = shapeA;
   fShapeB = shapeB;
   std::rotate(fShapeY.begin() + 1, fShapeY.begin() + 2, fShapeY.end());
}

std::string RBinary::Generate(std::string)
{
   std::string const type = StorageType(fType);
   if (!fNumber.empty()) {
      return "Kernel::Isa<W>::template Call<Kernel::Map<" + type + ">>(" + SizeArgument(ProductOfDims(fShapeY)) +
             ", tensor_" + fInputTensorNames[0] + ", tensor_" + fNY + ", Kernel::Then(" + fNumber + ", " + fFunctor +
             "));";
   }
   RBroadcast const loops(fShapeY, {fShapeA, fShapeB});
   if (fTypeB != fType)
      return PointwiseCode(loops, {fNA, fNB}, fNY, type, "Kernel::MixedPow{}");
   return "Kernel::Isa<W>::template Call<Kernel::Binary<" + type + ", " + std::to_string(loops.GetInnerStride(0)) +
          ", " + std::to_string(loops.GetInnerStride(1)) + ">>(" + loops.LoopCode(false) + ", " +
          SizeArgument(loops.GetInnerSize()) + ", tensor_" + fNA + ", tensor_" + fNB + ", tensor_" + fNY +
          ", Kernel::" + fName + "{}, " + fFunctor + ");";
}

bool RBinary::ActsOnRows(const std::vector<bool> &batched) const
{
   return !fNumber.empty() || BroadcastActsOnRows({fShapeA, fShapeB}, fShapeY.size(), batched);
}

std::vector<std::string> RBinary::GetKernels() const
{
   if (fTypeB != fType)
      return {"Pointwise"};
   return {fNumber.empty() ? "Binary" : "Elementwise", fOp > Pow ? "Functions" : "Elementwise"};
}

bool RBinary::FuseEpilogue(const ROperator &next)
{
   if (fTypeB != fType)
      return false;
   return TakeOver(next, fNumber.empty() ? fFunctor : fNumber, fOpType, fNY);
}

std::optional<ROperator::Addend> RBinary::GetAddend(const std::string &input) const
{
   bool const isA = input == fNA;
   if (fOp != EBasicBinaryOperator::Add || !fNumber.empty() || (isA ? fShapeA : fShapeB) != fShapeY)
      return {};
   return isA ? Addend{fNB, fShapeB, fIsWeightB} : Addend{fNA, fShapeA, fIsWeightA};
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
