#include "TMVA/ROperator_DeformConv.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_DeformConv::ROperator_DeformConv(std::vector<size_t> dilations, size_t group, std::vector<size_t> kernelShape,
                                           size_t offsetGroup, std::vector<size_t> pads, std::vector<size_t> strides,
                                           std::string nameX, std::string nameW, std::string nameOffset,
                                           std::string nameB, std::string nameMask, std::string nameY)
   : RWindow(
        {"NOTSET", std::move(dilations), std::move(kernelShape), std::move(pads), std::move(strides), false, true}),
     fGroups(group), fOffsetGroups(offsetGroup), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNW(UTILITY::Clean_name(std::move(nameW))), fNOffset(UTILITY::Clean_name(std::move(nameOffset))),
     fNB(UTILITY::Clean_name(std::move(nameB))), fNMask(UTILITY::Clean_name(std::move(nameMask))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNW, fNOffset};
   for (auto const &name : {fNB, fNMask}) {
      if (!name.empty())
         fInputTensorNames.push_back(name);
   }
   fOutputTensorNames = {fNY};
}

void ROperator_DeformConv::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("elements of type " + ConvertTypeToString(fType) + " are not supported");
   for (auto const &name : {fNW, fNOffset, fNB, fNMask}) {
      if (!name.empty())
         RequireTensor(model, name, fType);
   }
   auto const shapeX = model.GetDimTensorShape(fNX);
   auto const shapeW = ConvertShapeToInt(model.GetDimTensorShape(fNW));
   if (shapeX.size() != 4 || shapeW.size() != 4 || shapeX[1].isParam)
      Fail("input tensor " + fNX + " " + ConvertDimShapeToString(shapeX) + " with weights " + fNW + " " +
           ConvertDimShapeToString(model.GetDimTensorShape(fNW)) +
           ": both must have two spatial dimensions, the weights and the channels must be known");
   size_t const channels = shapeX[1].dim;
   if (fGroups == 0 || channels == 0 || channels != shapeW[1] * fGroups || shapeW[0] == 0 || shapeW[0] % fGroups != 0 ||
       fOffsetGroups == 0 || channels % fOffsetGroups != 0)
      Fail("the channels of " + fNX + " " + ConvertDimShapeToString(shapeX) + " in " + std::to_string(fGroups) +
           " groups and " + std::to_string(fOffsetGroups) + " offset groups do not fit weights " + fNW + " " +
           ConvertShapeToString(shapeW));
   std::vector<size_t> const kernel(shapeW.begin() + 2, shapeW.end());
   if (GetKernelShape().empty())
      SetKernelShape(kernel);
   if (GetKernelShape() != kernel)
      Fail("kernel_shape " + ConvertShapeToString(GetKernelShape()) + " with weights " + fNW + " " +
           ConvertShapeToString(shapeW));
   auto const spatial = SettleWindow(fNX, shapeX, false);
   auto const require = [&](const std::string &name, std::vector<Dim> shape, bool isSpatial) {
      if (isSpatial)
         shape.insert(shape.end(), spatial.begin(), spatial.end());
      if (!name.empty() && model.GetDimTensorShape(name) != shape)
         Fail("input tensor " + name + " " + ConvertDimShapeToString(model.GetDimTensorShape(name)) +
              " does not have the shape " + ConvertDimShapeToString(shape));
   };
   size_t const places = fOffsetGroups * GetTaps();
   require(fNOffset, {shapeX[0], Dim(2 * places)}, true);
   require(fNMask, {shapeX[0], Dim(places)}, true);
   require(fNB, {Dim(shapeW[0])}, false);
   fImages = shapeX[0];
   fChannels = shapeW[1];
   fRows = shapeW[0] / fGroups;
   model.AddIntermediateTensor(fNY, fType, std::vector<Dim>{fImages, Dim(shapeW[0]), spatial[0], spatial[1]});
   // A panel of 256 bytes for each line.
   AddScratch(model, fType, Dim((fChannels * GetTaps() + 1) * (256 / GetTypeSize(fType))));
}

std::string ROperator_DeformConv::Generate(std::string)
{
   std::string const type = ConvertTypeToString(fType);
   auto const pointer = [&](const std::string &name) {
      return name.empty() ? "static_cast<" + type + " const *>(nullptr)" : "tensor_" + name;
   };
   return "Kernel::Isa<W>::template Call<Kernel::DeformConv<" + type + ">>(Kernel::ConvSizes{" + fImages.GetVal() +
          ", " + std::to_string(fGroups) + ", " + std::to_string(fChannels) + ", " + std::to_string(fRows) + "}, " +
          WindowCode() + ", size_t(" + std::to_string(fOffsetGroups) + "), tensor_" + fNX + ", tensor_" + fNW +
          ", tensor_" + fNOffset + ", " + pointer(fNB) + ", " + pointer(fNMask) + ", tensor_" + fNY + ", tensor_" +
          fScratchTensorNames.at(0) + ", " + fFunctor + ");";
}

bool ROperator_DeformConv::ActsOnRows(const std::vector<bool> &batched) const
{
   for (size_t i = 0; i < batched.size(); ++i) {
      auto const &name = fInputTensorNames[i];
      if (batched[i] != (name == fNX || name == fNOffset || name == fNMask))
         return false;
   }
   return true;
}

bool ROperator_DeformConv::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fFunctor, fOpType, fNY);
}

Dim ROperator_DeformConv::GetFlops(const RModel &model) const
{
   return MulDims(LengthOf(model, fNY), Dim(2 * fChannels * GetTaps()));
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
