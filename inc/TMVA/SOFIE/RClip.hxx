/// \file RClip.hxx
/// \ingroup TMVA
/// \brief The operator Clip.

#ifndef TMVA_SOFIE_RCLIP
#define TMVA_SOFIE_RCLIP

#include "TMVA/SOFIE/RElementwise.hxx"

#include <string>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RClip
/// \ingroup TMVA
/// \brief y = min(max(x, low), high), where each bound may be absent.
class RClip : public RElementwise {
private:
   std::string fNMin;
   std::string fNMax;
   bool fIsKnown = true; ///< Whether the bounds are numbers in the code.

   std::string Bound(RModel &model, const std::string &name, bool isMin);

public:
   /// \param type the elements' type. \param nameX the input. \param nameMin the lower bound, or "". \param nameMax the upper one, or "".
   /// \param nameY the output.
   RClip(ETensorType type, std::string nameX, std::string nameMin, std::string nameMax, std::string nameY);

   void Initialize(RModel &model) override;
   std::string GetEpilogue() const override { return fIsKnown ? RElementwise::GetEpilogue() : ""; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCLIP
