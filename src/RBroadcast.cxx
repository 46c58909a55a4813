#include "TMVA/SOFIE/RBroadcast.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

std::string LoopCode(const std::vector<Dim> &sizes, const std::vector<std::vector<Dim>> &strides)
{
   auto const list = [](const std::vector<Dim> &dims) {
      std::string text;
      for (auto const &dim : dims)
         text += (text.empty() ? "" : ", ") + (!dim.isParam && static_cast<std::int64_t>(dim.dim) < 0
                                                  ? "size_t(" + dim.GetVal() + ")"
                                                  : dim.GetVal()); // a stride may be negative
      return "{" + (text.empty() ? "1" : text) + "}";              // an array has no fewer than one element
   };
   std::string all;
   for (auto const &tensor : strides)
      all += (all.empty() ? "" : ", ") + list(tensor);
   return "Kernel::Loop<" + std::to_string(sizes.size()) + ", " + std::to_string(strides.size()) + ">{" + list(sizes) +
          ", {" + all + "}}";
}

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
   auto const outer = [&](const std::vector<Dim> &dims) { return std::vector<Dim>(dims.begin(), dims.begin() + rank); };
   std::vector<std::vector<Dim>> strides;
   for (auto const &operand : fStrides)
      strides.push_back(outer(operand));
   return SOFIE::LoopCode(outer(fSizes), strides);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
