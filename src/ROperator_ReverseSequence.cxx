#include "TMVA/ROperator_ReverseSequence.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_ReverseSequence::ROperator_ReverseSequence(int batch_axis, int time_axis, std::string nameX,
                                                     std::string nameLengths, std::string nameY)
   : RIndexed(std::move(nameX), std::move(nameLengths), std::move(nameY)), fTimeFirst(time_axis == 0)
{
   if (batch_axis + time_axis != 1 || batch_axis * time_axis != 0)
      Fail("batch_axis " + std::to_string(batch_axis) + " and time_axis " + std::to_string(time_axis) +
           ", of which one is 0 and the other 1");
}

void ROperator_ReverseSequence::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   RequireTensor(model, fNIndices, ETensorType::INT64);
   fType = model.GetTensorType(fNX);
   auto const shape = model.GetDimTensorShape(fNX);
   if (shape.size() < 2)
      Fail(fNX + " " + ConvertDimShapeToString(shape) + " has no two dimensions");
   fTimes = shape[fTimeFirst ? 0 : 1];
   fBatches = shape[fTimeFirst ? 1 : 0];
   fRun = ProductOfDims({shape.begin() + 2, shape.end()});
   auto const lengths = model.GetDimTensorShape(fNIndices);
   if (!UTILITY::AreSameShape(lengths, std::vector<Dim>{fBatches}))
      Fail("lengths " + fNIndices + " " + ConvertDimShapeToString(lengths) + " for the sequences of " + fNX + " " +
           ConvertDimShapeToString(shape));
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::string ROperator_ReverseSequence::Generate(std::string)
{
   return CallCode("ReverseSequence", fTimeFirst ? "true" : "false") + SizeArgument(fTimes) + ", " +
          SizeArgument(fBatches) + ", " + SizeArgument(fRun) + ", tensor_" + fNX + ", tensor_" + fNIndices +
          ", tensor_" + fNY + ", " + NameCode() + ");";
}

bool ROperator_ReverseSequence::ActsOnRows(const std::vector<bool> &batched) const
{
   return !fTimeFirst && batched[0] && batched[1];
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
