#include "TMVA/SOFIE/RCumulate.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RCumulate::RCumulate(ETensorType type, ECumulateMode mode, int exclusive, int reverse, std::string nameX,
                     std::string nameAxis, std::string nameY)
   : fType(type), fMode(mode), fIsExclusive(exclusive != 0), fIsReverse(reverse != 0),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNAxis(UTILITY::Clean_name(std::move(nameAxis))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void RCumulate::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   RequireTensor(model, fNAxis);
   if (!model.IsInitializedTensor(fNAxis))
      Fail("the axis " + fNAxis + " is computed at run time");
   auto const axes = IntegerValues(model, fNAxis);
   if (axes.size() != 1)
      Fail("the axis " + ConvertValuesToString(axes));
   fAxis = axes[0];
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

std::string RCumulate::Generate(std::string)
{
   std::string const type = StorageType(fType);
   // Integers modulo 2^bits: computed without a sign, where that is defined.
   bool const isFloat = fType == ETensorType::FLOAT || fType == ETensorType::DOUBLE;
   auto const flag = [](bool is) { return is ? ", true" : ", false"; };
   return "Kernel::Isa<W>::template Call<Kernel::Cumulate<" + type + (isFloat ? ", double" : ", uint64_t") +
          flag(fMode == CumProd) + flag(fIsExclusive) + flag(fIsReverse) + ">>(" + SizeArgument(fOuter) + ", " +
          SizeArgument(fLength) + ", " + SizeArgument(fInner) + ", tensor_" + fNX + ", tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
