#include "TMVA/ROperator_Softmax.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Softmax::ROperator_Softmax(std::int64_t axis, std::string nameX, std::string nameY, bool logSoftmax)
   : fAxis(axis), fIsLog(logSoftmax), fNX(UTILITY::Clean_name(std::move(nameX))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void ROperator_Softmax::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   if (fType != ETensorType::FLOAT && fType != ETensorType::DOUBLE)
      Fail("input tensor " + fNX + " is of type " + ConvertTypeToString(fType) + ", neither float nor double");
   auto const shape = model.GetDimTensorShape(fNX);
   size_t const axis = AxisOf(fAxis, shape.size());
   if (axis >= shape.size())
      Fail("axis " + std::to_string(fAxis) + " of " + fNX + " " + ConvertDimShapeToString(shape));
   fAxis = static_cast<std::int64_t>(axis);
   fOuter = ProductOfDims({shape.begin(), shape.begin() + fAxis});
   fLength = shape[axis];
   fInner = ProductOfDims({shape.begin() + fAxis + 1, shape.end()});
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::string ROperator_Softmax::Generate(std::string)
{
   bool const isRows = fInner == Dim(size_t(1));
   return std::string("Kernel::Isa<W>::template Call<Kernel::Softmax") + (isRows ? "Rows<" : "Columns<") +
          ConvertTypeToString(fType) + (fIsLog ? ", true>>(" : ", false>>(") + SizeArgument(fOuter) + ", " +
          SizeArgument(fLength) + ", " + (isRows ? "" : SizeArgument(fInner) + ", ") + "tensor_" + fNX + ", tensor_" +
          fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
