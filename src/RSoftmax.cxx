#include "TMVA/SOFIE/RSoftmax.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RSoftmax::RSoftmax(ESoftmaxMode mode, std::int64_t axis, bool toTheEnd, std::string nameX, std::string nameY)
   : fMode(mode), fAxis(axis), fToTheEnd(toTheEnd), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

std::string RSoftmax::GetOpType() const
{
   return fMode == ESoftmaxMode::kHardmax ? "Hardmax" : fMode == ESoftmaxMode::kLogSoftmax ? "LogSoftmax" : "Softmax";
}

void RSoftmax::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("input tensor " + fNX + " is of type " + ConvertTypeToString(fType) + ", neither float nor double");
   auto const shape = model.GetDimTensorShape(fNX);
   // A scalar is one element along its axis 0.
   size_t const axis = shape.empty() && (fAxis == 0 || fAxis == -1) ? 0 : AxisOf(fAxis, shape.size());
   if (axis >= std::max<size_t>(shape.size(), 1))
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   fAxis = static_cast<std::int64_t>(axis);
   auto const end = shape.empty() || fToTheEnd ? shape.end() : shape.begin() + fAxis + 1;
   fOuter = ProductOfDims({shape.begin(), shape.begin() + fAxis});
   fLength = ProductOfDims({shape.begin() + fAxis, end});
   fInner = ProductOfDims({end, shape.end()});
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::string RSoftmax::Generate(std::string)
{
   bool const isHard = fMode == ESoftmaxMode::kHardmax;
   bool const isRows = fInner == Dim(size_t(1)) && !isHard;
   return "Kernel::Isa<W>::template Call<Kernel::" +
          std::string(isHard   ? "Hardmax<"
                      : isRows ? "SoftmaxRows<"
                               : "SoftmaxColumns<") +
          ConvertTypeToString(fType) +
          (isHard                               ? ""
           : fMode == ESoftmaxMode::kLogSoftmax ? ", true"
                                                : ", false") +
          ">>(" + SizeArgument(fOuter) + ", " + SizeArgument(fLength) + ", " +
          (isRows ? "" : SizeArgument(fInner) + ", ") + "tensor_" + fNX + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
