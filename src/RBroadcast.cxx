#include "TMVA/SOFIE/RBroadcast.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RBroadcast::RBroadcast(const std::vector<Dim> &result, const std::vector<std::vector<Dim>> &operands,
                       const std::vector<Dim> &units)
   : fStrides(operands.size())
{
   Dim const one(size_t(1));
   std::vector<std::vector<bool>> moves; // for each loop, which operands move
   for (size_t d = 0; d < result.size(); ++d) {
      if (result[d] == one)
         continue;
      std::vector<bool> moving;
      for (auto const &shape : operands) {
         size_t const missing = result.size() - shape.size();
         moving.push_back(d >= missing && shape[d - missing] != one);
      }
      if (!moves.empty() && moves.back() == moving) {
         fSizes.back() = MulDims(fSizes.back(), result[d]);
      } else {
         fSizes.push_back(result[d]);
         moves.push_back(moving);
      }
   }
   for (size_t k = 0; k < operands.size(); ++k) {
      fStrides[k].resize(fSizes.size());
      Dim stride = units.empty() ? one : units[k];
      for (size_t d = fSizes.size(); d-- > 0;) {
         fStrides[k][d] = moves[d][k] ? stride : Dim(size_t(0));
         if (moves[d][k])
            stride = MulDims(stride, fSizes[d]);
      }
   }
}

std::string RBroadcast::LoopCode(bool withInnermost) const
{
   size_t const rank = fSizes.empty() || withInnermost ? fSizes.size() : fSizes.size() - 1;
   auto const list = [&](const std::vector<Dim> &dims) {
      std::string text;
      for (size_t d = 0; d < rank; ++d)
         text += (d > 0 ? ", " : "") + dims[d].GetVal();
      return "{" + (rank == 0 ? "1" : text) + "}";
   };
   std::string strides;
   for (auto const &operand : fStrides)
      strides += (strides.empty() ? "" : ", ") + list(operand);
   return "Kernel::Loop<" + std::to_string(rank) + ", " + std::to_string(fStrides.size()) + ">{" + list(fSizes) + ", {" +
          strides + "}}";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
