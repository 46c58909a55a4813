#include "TMVA/SOFIE/RLayerNormalization.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RLayerNormalization::RLayerNormalization(ETensorType type, int axis, double epsilon, std::string nameX,
                                         std::string nameScale, std::string nameB, std::string nameY,
                                         std::string nameMean, std::string nameInvStdDev, bool isCentred)
   : fType(type), fAxis(axis), fEpsilon(epsilon), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNScale(UTILITY::Clean_name(std::move(nameScale))), fNB(UTILITY::Clean_name(std::move(nameB))),
     fNY(UTILITY::Clean_name(std::move(nameY))), fNMean(UTILITY::Clean_name(std::move(nameMean))),
     fNInvStdDev(UTILITY::Clean_name(std::move(nameInvStdDev))), fIsCentred(isCentred)
{
   fInputTensorNames = {fNX, fNScale, fNB};
   fOutputTensorNames = {fNY, fNMean, fNInvStdDev};
   for (auto *names : {&fInputTensorNames, &fOutputTensorNames}) {
      while (names->back().empty())
         names->pop_back();
   }
}

/// How the kernel can read a scale or a bias; -1 where only loops with broadcasting can.
int RLayerNormalization::StepOf(const std::string &name, const std::vector<Dim> &shape) const
{
   if (name.empty())
      return -1;
   if (ProductOfDims(shape) == Dim(size_t(1)))
      return 0;
   size_t const normalised = fShape.size() - static_cast<size_t>(fAxis);
   if (shape.size() < normalised)
      return -1;
   size_t const more = shape.size() - normalised;
   for (size_t d = 0; d < shape.size(); ++d) {
      if (d < more ? shape[d] != Dim(size_t(1)) : shape[d] != fShape[static_cast<size_t>(fAxis) + d - more])
         return -1;
   }
   return 1;
}

void RLayerNormalization::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   fShape = model.GetDimTensorShape(fNX);
   size_t const axis = AxisOf(fAxis, fShape.size());
   if (axis >= fShape.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(fShape));
   fAxis = static_cast<int>(axis);
   fRows = ProductOfDims({fShape.begin(), fShape.begin() + fAxis});
   fLength = ProductOfDims({fShape.begin() + fAxis, fShape.end()});
   auto const take = [&](const std::string &name, std::vector<Dim> &shape) {
      if (name.empty())
         return;
      RequireTensor(model, name, fType);
      shape = model.GetDimTensorShape(name);
      if (BroadcastShape({{fNX, fShape}, {name, shape}}) != fShape)
         Fail(name + " " + ConvertDimShapeToString(shape) + " does not broadcast to " + fNX + " " +
              ConvertDimShapeToString(fShape));
   };
   take(fNScale, fShapeScale);
   take(fNB, fShapeB);
   fStepScale = StepOf(fNScale, fShapeScale);
   // A bias comes after the factors: with them by loops, it is by loops as well.
   fStepB = !fNScale.empty() && fStepScale < 0 ? -1 : StepOf(fNB, fShapeB);
   model.AddIntermediateTensor(fNY, fType, fShape);
   auto shape = fShape;
   for (size_t d = axis; d < shape.size(); ++d)
      shape[d] = Dim(size_t(1));
   for (auto const &name : {fNMean, fNInvStdDev}) {
      if (!name.empty())
         model.AddIntermediateTensor(name, fType, shape);
   }
}

std::string RLayerNormalization::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   auto const pointer = [&](const std::string &name, bool isInput, bool isUsed = true) {
      return name.empty() || !isUsed ? "static_cast<" + type + (isInput ? " const" : "") + " *>(nullptr)"
                                     : "tensor_" + name;
   };
   std::string code = "Kernel::Isa<W>::template Call<Kernel::LayerNorm<" + type + ", " + std::to_string(fStepScale) +
                      ", " + std::to_string(fStepB) + (fIsCentred ? "" : ", false") + ">>(" + SizeArgument(fRows) +
                      ", " + SizeArgument(fLength) + ", " + type + "(" + Literal(fEpsilon, fType) + "), tensor_" + fNX +
                      ", " + pointer(fNScale, true, fStepScale >= 0) + ", " + pointer(fNB, true, fStepB >= 0) +
                      ", tensor_" + fNY + ", " + pointer(fNMean, false) + ", " + pointer(fNInvStdDev, false) + ");";
   auto const apply = [&](const std::string &function, const std::string &name, const std::vector<Dim> &shape) {
      RBroadcast const loops(fShape, {fShape, shape});
      code += "\nKernel::Isa<W>::template Call<Kernel::Binary<" + type + ", " +
              std::to_string(loops.GetInnerStride(0)) + ", " + std::to_string(loops.GetInnerStride(1)) + ">>(" +
              loops.LoopCode(false) + ", " + SizeArgument(loops.GetInnerSize()) + ", tensor_" + fNY + ", tensor_" +
              name + ", tensor_" + fNY + ", Kernel::" + function + "{}, Kernel::Identity{});";
   };
   if (!fNScale.empty() && fStepScale < 0)
      apply("Mul", fNScale, fShapeScale);
   if (!fNB.empty() && fStepB < 0)
      apply("Add", fNB, fShapeB);
   return code;
}

bool RLayerNormalization::ActsOnRows(const std::vector<bool> &batched) const
{
   auto const leads = [&](size_t input, const std::vector<Dim> &shape) {
      return input >= batched.size() || !batched[input] || shape.size() == fShape.size();
   };
   return fAxis > 0 && leads(1, fShapeScale) && leads(2, fShapeB);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
