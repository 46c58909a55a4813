#include "TMVA/SOFIE/RGroupNormalization.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RGroupNormalization::RGroupNormalization(ETensorType type, std::string opType, double epsilon, size_t groups,
                                         std::string nameX, std::string nameScale, std::string nameB, std::string nameY)
   : fType(type), fOpType(std::move(opType)), fEpsilon(epsilon), fGroups(groups),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNScale(UTILITY::Clean_name(std::move(nameScale))),
     fNB(UTILITY::Clean_name(std::move(nameB))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNScale, fNB};
   fOutputTensorNames = {fNY};
}

void RGroupNormalization::Initialize(RModel &model)
{
   for (auto const &name : fInputTensorNames)
      RequireTensor(model, name, fType);
   auto const shape = model.GetDimTensorShape(fNX);
   if (shape.size() < 2 || shape[1].isParam || shape[1].dim == 0)
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shape) + " is not of images and known channels");
   size_t const channels = shape[1].dim;
   if (fGroups == 0)
      fGroups = channels;
   if (channels % fGroups != 0)
      Fail(std::to_string(channels) + " channels of " + fNX + " do not divide into " + std::to_string(fGroups) +
           " groups");
   fChannels = channels / fGroups;
   auto const shapeScale = model.GetDimTensorShape(fNScale);
   if (shapeScale == std::vector<Dim>{Dim(fGroups)})
      fShared = fChannels;
   else if (shapeScale != std::vector<Dim>{Dim(channels)})
      Fail("scale " + fNScale + " " + ConvertDimShapeToString(shapeScale) + " for " + std::to_string(channels) +
           " channels");
   if (model.GetDimTensorShape(fNB) != shapeScale)
      Fail("bias " + fNB + " " + ConvertDimShapeToString(model.GetDimTensorShape(fNB)) + " with scale " +
           ConvertDimShapeToString(shapeScale));
   fImages = shape[0];
   fInner = ProductOfDims({shape.begin() + 2, shape.end()});
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::string RGroupNormalization::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   return "Kernel::Isa<W>::template Call<Kernel::GroupNorm<" + type + ">>(size_t(" + fImages.GetVal() + "), size_t(" +
          std::to_string(fGroups) + "), size_t(" + std::to_string(fChannels) + "), size_t(" + std::to_string(fShared) +
          "), size_t(" + fInner.GetVal() + "), " + type + "(" + Literal(fEpsilon, fType) + "), tensor_" + fNX +
          ", tensor_" + fNScale + ", tensor_" + fNB + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
