/// \file ROperator_Hardmax.hxx
/// \ingroup TMVA
/// \brief The operator Hardmax.

#ifndef TMVA_SOFIE_ROPERATOR_HARDMAX
#define TMVA_SOFIE_ROPERATOR_HARDMAX

#include "TMVA/SOFIE/RSoftmax.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Hardmax
/// \ingroup TMVA
/// \brief y = 1 for the first of the largest elements along an axis, 0 for the others.
class ROperator_Hardmax final : public RSoftmax {
public:
   /// \param axis the axis, from the end where it is negative. \param nameX the input. \param nameY the output.
   /// \param toTheEnd whether the axis and all after it are one, as before opset 13.
   ROperator_Hardmax(std::int64_t axis, std::string nameX, std::string nameY, bool toTheEnd = false)
      : RSoftmax(ESoftmaxMode::kHardmax, axis, toTheEnd, std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_HARDMAX
