/// \file ROperator_Clip.hxx
/// \ingroup TMVA
/// \brief The operator Clip.

#ifndef TMVA_SOFIE_ROPERATOR_CLIP
#define TMVA_SOFIE_ROPERATOR_CLIP

#include "TMVA/SOFIE/RClip.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Clip
/// \ingroup TMVA
/// \brief y = min(max(x, low), high).
template <typename T>
class ROperator_Clip final : public RClip {
public:
   /// \param nameX the input. \param nameMin the lower bound, or "". \param nameMax the upper one, or "". \param nameY the output.
   ROperator_Clip(std::string nameX, std::string nameMin, std::string nameMax, std::string nameY)
      : RClip(GetTemplatedType<T>(), std::move(nameX), std::move(nameMin), std::move(nameMax), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CLIP
