#include "TMVA/SOFIE/RNonZero.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RNonZero::RNonZero(ETensorType type, std::string nameX, std::string nameY)
   : fType(type), fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void RNonZero::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   fShape = model.GetDimTensorShape(fNX);
   fCount = model.AddDataDim(fNY, ProductOfDims(fShape));
   model.AddIntermediateTensor(fNY, ETensorType::INT64, std::vector<Dim>{Dim(fShape.size()), Dim(fCount)});
}

std::string RNonZero::GenerateSizes(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::CountNonZero<" + StorageType(fType) + ">>(" +
          SizeArgument(ProductOfDims(fShape)) + ", tensor_" + fNX + ", &" + fCount + ");\n";
}

std::string RNonZero::Generate(std::string)
{
   std::string sizes;
   for (auto const &dim : fShape)
      sizes += (sizes.empty() ? "" : ", ") + dim.GetVal();
   return "Kernel::Isa<W>::template Call<Kernel::NonZero<" + StorageType(fType) + ">>(Kernel::Sizes<" +
          std::to_string(fShape.size()) + ">{{" + sizes + "}}, tensor_" + fNX + ", " + fCount + ", tensor_" + fNY +
          ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
