#include "TMVA/SOFIE/RMove.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

void RMove::AddMove(RModel &model, const std::string &nameY, const std::vector<Dim> &shapeY,
                    const std::vector<Dim> &sizes, const std::vector<Dim> &strides, const Dim &begin)
{
   Dim const one(size_t(1));
   RPlaces places{nameY, {}, {}, begin};
   for (size_t d = 0; d < sizes.size(); ++d) {
      if (sizes[d] == one)
         continue;
      if (!places.fSizes.empty() && places.fStrides.back() == MulDims(sizes[d], strides[d])) {
         places.fSizes.back() = MulDims(places.fSizes.back(), sizes[d]);
         places.fStrides.back() = strides[d];
      } else {
         places.fSizes.push_back(sizes[d]);
         places.fStrides.push_back(strides[d]);
      }
   }
   bool const isOneRun = places.fSizes.empty() || (places.fSizes.size() == 1 && places.fStrides[0] == one);
   bool const isWhole = ProductOfDims(shapeY) == ProductOfDims(model.GetDimTensorShape(fNX));
   if (isOneRun && isWhole && begin == Dim(size_t(0))) {
      fIsOutputConstant = AddView(model, fNX, nameY, shapeY);
      return;
   }
   model.AddIntermediateTensor(nameY, fType, shapeY);
   fMoves.push_back(std::move(places));
}

void RMove::CheckSizes(const std::string &isWrong, const std::string &message)
{
   fSizeChecks.push_back(
      {isWrong, "TMVA-SOFIE: " + GetOpType() + (fOrigin.empty() ? "" : " at " + fOrigin) + ": " + message});
}

std::string RMove::Generate(std::string)
{
   Dim const one(size_t(1));
   std::string code;
   for (auto const &places : fMoves) {
      bool const isOne = places.fSizes.empty();
      Dim const run = isOne ? one : places.fSizes.back();
      Dim const step = isOne ? one : places.fStrides.back();
      size_t const outer = isOne ? 0 : places.fSizes.size() - 1;
      auto const loops =
         LoopCode({places.fSizes.begin(), places.fSizes.begin() + static_cast<std::ptrdiff_t>(outer)},
                  {{places.fStrides.begin(), places.fStrides.begin() + static_cast<std::ptrdiff_t>(outer)}});
      code += (code.empty() ? "" : "\n") + std::string("Kernel::Isa<W>::template Call<Kernel::Move<") +
              StorageType(fType) + ">>(" + loops + ", " + SizeArgument(run) + ", " +
              (IsNegative(step) ? "size_t(" + step.GetVal() + ")" : SizeArgument(step)) + ", tensor_" + fNX +
              ", size_t(" + places.fBegin.GetVal() + "), tensor_" + places.fNY + ");";
   }
   return code;
}

std::string SignedText(const Dim &dim)
{
   return "int64_t(" + dim.GetVal() + ")";
}

bool IsNegative(const Dim &dim)
{
   // The terms with a plus come first.
   return dim.isParam ? dim.param.rfind('-', 0) == 0 : static_cast<std::int64_t>(dim.dim) < 0;
}

bool IsNeverNegative(const Dim &dim)
{
   return dim.isParam ? dim.param.find('-') == std::string::npos : static_cast<std::int64_t>(dim.dim) >= 0;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
