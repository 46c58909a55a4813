/// \file ROperator_Shrink.hxx
/// \ingroup TMVA
/// \brief The operator Shrink.

#ifndef TMVA_SOFIE_ROPERATOR_SHRINK
#define TMVA_SOFIE_ROPERATOR_SHRINK

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Shrink
/// \ingroup TMVA
/// \brief y = x + bias for x < -lambd, x - bias for x > lambd, else 0.
template <typename T>
class ROperator_Shrink final : public RElementwise {
public:
   /// \param bias what x comes nearer to 0 by. \param lambd the threshold. \param nameX the input. \param nameY the output.
   ROperator_Shrink(double bias, double lambd, std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), "Shrink",
                     "Kernel::Shrink{" + ConvertValToString(bias) + ", " + ConvertValToString(lambd) + "}",
                     std::move(nameX), std::move(nameY), "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SHRINK
