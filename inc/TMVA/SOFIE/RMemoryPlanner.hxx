/// \file RMemoryPlanner.hxx
/// \ingroup TMVA
/// \brief Where intermediate tensors lie in the one arena of a Session.

#ifndef TMVA_SOFIE_RMEMORYPLANNER
#define TMVA_SOFIE_RMEMORYPLANNER

#include <cstddef>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// When a tensor is in use, and how much memory it takes.
struct TensorLifeInfo {
   int begin;        ///< The operator that writes it first.
   int end;          ///< The operator that reads it last, >= begin.
   std::size_t size; ///< Bytes.
};

/// Where each tensor lies.
struct MemoryResult {
   std::size_t total_bytes = 0;      ///< The arena's size.
   std::size_t live_bytes = 0;       ///< The most that is in use at one time, below which no plan can come.
   std::vector<std::size_t> offsets; ///< For each tensor, its first byte, a multiple of 64.
};

/// Offsets such that tensors in use at one time never overlap. Larger tensors choose first, of equal ones the
/// earlier, each the lowest place that is free while it is in use.
MemoryResult OrganizeMemory(const std::vector<TensorLifeInfo> &tensors);

/// The same for sizes that are not known yet: tensors that share a slot are never in use at one time.
/// \return for each tensor its slot, numbered from 0 in order of first use.
std::vector<std::size_t> AssignSlots(const std::vector<TensorLifeInfo> &tensors);

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RMEMORYPLANNER
