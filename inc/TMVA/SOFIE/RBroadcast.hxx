/// \file RBroadcast.hxx
/// \ingroup TMVA
/// \brief Loops over tensors whose shapes broadcast, as text for the generated code.

#ifndef TMVA_SOFIE_RBROADCAST
#define TMVA_SOFIE_RBROADCAST

#include "TMVA/SOFIE_common.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// `Kernel::Loop<R, K>{...}` of R nested loops over K tensors.
/// \param sizes the steps of each loop. \param strides for each tensor its stride in each loop.
std::string LoopCode(const std::vector<Dim> &sizes, const std::vector<std::vector<Dim>> &strides);

/// \class RBroadcast
/// \ingroup TMVA
/// \brief The loops over a result's shape and the strides of each operand in them, neighbouring loops merged where every operand
/// allows it.
class RBroadcast {
private:
   std::vector<Dim> fSizes;                ///< The steps of each loop.
   std::vector<std::vector<Dim>> fStrides; ///< For each operand, its stride in each loop; 0 where it broadcasts.

public:
   /// \param result the shape that all operands broadcast to. \param operands their shapes.
   /// \param units the elements of each operand that one step of its last dimension moves over; default 1.
   RBroadcast(const std::vector<Dim> &result, const std::vector<std::vector<Dim>> &operands,
              const std::vector<Dim> &units = {});

   /// The number of loops.
   size_t GetRank() const { return fSizes.size(); }
   /// The innermost loop's steps; 1 without loops.
   Dim GetInnerSize() const { return fSizes.empty() ? Dim(size_t(1)) : fSizes.back(); }
   /// The operand's stride in the innermost loop, 0 or 1.
   size_t GetInnerStride(size_t operand) const { return fSizes.empty() ? 0 : fStrides[operand].back().dim; }
   /// `Kernel::Loop<R, K>{...}` of all loops, or of all but the innermost one.
   std::string LoopCode(bool withInnermost) const;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RBROADCAST
