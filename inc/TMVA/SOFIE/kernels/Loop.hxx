/// \file
/// Nested loops over tensors of any rank, whatever the order of their elements in memory.
#pragma once

#include "Vector.hxx"

namespace Kernel {

/// R nested loops, the last one innermost, that move offsets into K tensors.
template <size_t R, size_t K>
struct Loop {
   size_t fSize[R > 0 ? R : 1];      ///< The steps of each loop.
   size_t fStride[K][R > 0 ? R : 1]; ///< For each tensor, how far its offset moves in one step of each loop.
};

/// Where the loops stand.
template <size_t R, size_t K>
class LoopState {
   size_t fIndex[R > 0 ? R : 1] = {};
   bool fDone = false;

public:
   size_t fOffset[K] = {}; ///< The offset into each tensor.

   SOFIE_INLINE explicit LoopState([[maybe_unused]] Loop<R, K> const &loop)
   {
      for (size_t d = 0; d < R; ++d)
         fDone = fDone || loop.fSize[d] == 0;
   }
   SOFIE_INLINE bool Done() const { return fDone; }
   SOFIE_INLINE void Next([[maybe_unused]] Loop<R, K> const &loop)
   {
      for (size_t d = R; d-- > 0;) {
         for (size_t k = 0; k < K; ++k)
            fOffset[k] += loop.fStride[k][d];
         if (++fIndex[d] < loop.fSize[d])
            return;
         for (size_t k = 0; k < K; ++k)
            fOffset[k] -= loop.fStride[k][d] * loop.fSize[d];
         fIndex[d] = 0;
      }
      fDone = true;
   }
};

} // namespace Kernel
