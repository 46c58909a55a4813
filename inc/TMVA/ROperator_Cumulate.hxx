/// \file ROperator_Cumulate.hxx
/// \ingroup TMVA
/// \brief The operators CumSum and CumProd.

#ifndef TMVA_SOFIE_ROPERATOR_CUMULATE
#define TMVA_SOFIE_ROPERATOR_CUMULATE

#include "TMVA/SOFIE/RCumulate.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Cumulate
/// \ingroup TMVA
/// \brief Sums or products of all elements up to each one along an axis.
template <typename T, ECumulateMode Op>
class ROperator_Cumulate final : public RCumulate {
public:
   /// \param exclusive whether the element itself is left out. \param reverse whether those behind are taken. \param nameX the input.
   /// \param nameAxis the tensor of the axis. \param nameY the output.
   ROperator_Cumulate(int exclusive, int reverse, std::string nameX, std::string nameAxis, std::string nameY)
      : RCumulate(GetTemplatedType<T>(), Op, exclusive, reverse, std::move(nameX), std::move(nameAxis),
                  std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CUMULATE
