/// \file ROperator_Pad.hxx
/// \ingroup TMVA
/// \brief The operator Pad.

#ifndef TMVA_SOFIE_ROPERATOR_PAD
#define TMVA_SOFIE_ROPERATOR_PAD

#include "TMVA/SOFIE/RPad.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Pad
/// \ingroup TMVA
/// \brief A tensor with a margin on every side.
template <typename T>
class ROperator_Pad final : public RPad {
public:
   /// \param nameX the input. \param namePads the tensor of margins, all before x and then all behind it. \param nameConstValue the tensor
   /// of the number in the margin, or "" for 0. \param nameAxes the tensor of the axes that the margins are along, or "" for all.
   /// \param nameY the output. \param mode constant, edge, reflect or wrap.
   ROperator_Pad(std::string nameX, std::string namePads, std::string nameConstValue, std::string nameAxes,
                 std::string nameY, std::string mode)
      : RPad(GetTemplatedType<T>(), std::move(nameX), std::move(namePads), std::move(nameConstValue),
             std::move(nameAxes), std::move(nameY), std::move(mode))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_PAD
