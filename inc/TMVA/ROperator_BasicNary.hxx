/// \file ROperator_BasicNary.hxx
/// \ingroup TMVA
/// \brief The operators Max, Min, Mean and Sum.

#ifndef TMVA_SOFIE_ROPERATOR_BASICNARY
#define TMVA_SOFIE_ROPERATOR_BASICNARY

#include "TMVA/SOFIE/RNary.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_BasicNary
/// \ingroup TMVA
/// \brief y = f(x1, x2, ...) with broadcasting.
template <typename T, EBasicNaryOperator Op>
class ROperator_BasicNary final : public RNary {
public:
   /// \param inputNames the inputs. \param nameY the output.
   ROperator_BasicNary(const std::vector<std::string> &inputNames, const std::string &nameY)
      : RNary(GetTemplatedType<T>(), Op, inputNames, nameY)
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_BASICNARY
