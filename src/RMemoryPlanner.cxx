#include "TMVA/SOFIE/RMemoryPlanner.hxx"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

/// A cache line, and the widest vector.
constexpr std::size_t kAlignment = 64;

bool Overlap(const TensorLifeInfo &a, const TensorLifeInfo &b)
{
   return a.begin <= b.end && b.begin <= a.end;
}

} // namespace

MemoryResult OrganizeMemory(const std::vector<TensorLifeInfo> &tensors)
{
   std::vector<std::size_t> order(tensors.size());
   std::iota(order.begin(), order.end(), std::size_t(0));
   std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return tensors[a].size != tensors[b].size ? tensors[a].size > tensors[b].size
                                                : tensors[a].begin < tensors[b].begin;
   });

   MemoryResult result;
   result.offsets.resize(tensors.size());
   auto const padded = [&](std::size_t i) { return (tensors[i].size + kAlignment - 1) / kAlignment * kAlignment; };
   std::vector<std::size_t> placed; // by offset
   for (std::size_t const i : order) {
      std::size_t offset = 0;
      for (std::size_t const other : placed) {
         if (!Overlap(tensors[i], tensors[other]))
            continue;
         if (offset + padded(i) <= result.offsets[other])
            break;
         offset = std::max(offset, result.offsets[other] + padded(other));
      }
      result.offsets[i] = offset;
      result.total_bytes = std::max(result.total_bytes, offset + padded(i));
      auto const place = std::upper_bound(placed.begin(), placed.end(), offset, [&](std::size_t at, std::size_t other) {
         return at < result.offsets[other];
      });
      placed.insert(place, i);
   }
   std::map<int, std::array<std::size_t, 2>> changes; // bytes that come and go before an operator
   for (auto const &tensor : tensors) {
      changes[tensor.begin][0] += tensor.size;
      changes[tensor.end + 1][1] += tensor.size;
   }
   std::size_t live = 0;
   for (auto const &[at, change] : changes) {
      live += change[0] - change[1];
      result.live_bytes = std::max(result.live_bytes, live);
   }
   return result;
}

std::vector<std::size_t> AssignSlots(const std::vector<TensorLifeInfo> &tensors)
{
   std::vector<std::size_t> order(tensors.size());
   std::iota(order.begin(), order.end(), std::size_t(0));
   std::stable_sort(order.begin(), order.end(),
                    [&](std::size_t a, std::size_t b) { return tensors[a].begin < tensors[b].begin; });

   std::vector<std::size_t> slots(tensors.size());
   std::vector<int> busyUntil;
   for (std::size_t const i : order) {
      auto free = std::find_if(busyUntil.begin(), busyUntil.end(), [&](int end) { return end < tensors[i].begin; });
      if (free == busyUntil.end()) {
         free = busyUntil.insert(busyUntil.end(), 0);
      }
      *free = tensors[i].end;
      slots[i] = static_cast<std::size_t>(free - busyUntil.begin());
   }
   return slots;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
