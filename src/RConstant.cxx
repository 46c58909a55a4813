#include "TMVA/SOFIE/RConstant.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <cstring>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RConstant::RConstant(ETensorType type, std::shared_ptr<void> values, size_t count, std::vector<size_t> shape,
                     std::string nameX, std::string nameY)
   : fType(type), fValues(std::move(values)), fCount(count), fShape(std::move(shape)),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   if (!fNX.empty())
      fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

/// The first value, as many times.
std::shared_ptr<void> RConstant::Repeated(size_t length) const
{
   size_t const size = GetTypeSize(fType);
   std::shared_ptr<char> data(new char[std::max<size_t>(length * size, 1)], std::default_delete<char[]>());
   for (size_t i = 0; i < length; ++i)
      std::memcpy(data.get() + i * size, fValues.get(), size);
   return data;
}

void RConstant::Initialize(RModel &model)
{
   std::vector<Dim> shape = ConvertShapeToDim(fShape);
   if (!fNX.empty()) {
      RequireTensor(model, fNX);
      if (fCount != 1)
         Fail(std::to_string(fCount) + " values for the shape in " + fNX + ", which takes one");
      shape = SizesIn(model, fNX);
   }
   fLength = ProductOfDims(shape);
   if (!fLength.isParam) {
      if (fCount != fLength.dim && fCount != 1)
         Fail(std::to_string(fCount) + " values for the shape " + ConvertDimShapeToString(shape) + " of " + fNY);
      model.AddConstantTensor(fNY, fType, ConvertShapeToInt(shape),
                              fCount == fLength.dim ? fValues : Repeated(fLength.dim));
      fIsOutputConstant = true;
      return;
   }
   // Long enough for the literal: a constant that is in no code.
   std::string const name = fNY + "_value";
   model.AddConstantTensor(name, fType, {}, fValues);
   fLiteral = ScalarLiteral(model, name);
   if (fLiteral.empty())
      fLiteral = *static_cast<bool const *>(fValues.get()) ? "1" : "0";
   model.AddIntermediateTensor(fNY, fType, shape);
}

std::string RConstant::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::Fill<" + StorageType(fType) + ">>(" + SizeArgument(fLength) + ", " +
          StorageType(fType) + "(" + fLiteral + "), tensor_" + fNY + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
