/// \file ROperator_BasicBinary.hxx
/// \ingroup TMVA
/// \brief The operators Add, Sub, Mul, Div and Pow.

#ifndef TMVA_SOFIE_ROPERATOR_BASICBINARY
#define TMVA_SOFIE_ROPERATOR_BASICBINARY

#include "TMVA/SOFIE/RBinary.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_BasicBinary
/// \ingroup TMVA
/// \brief y = f(a, b) with broadcasting.
template <typename T, EBasicBinaryOperator Op>
class ROperator_BasicBinary final : public RBinary {
public:
   /// \param nameA the left input. \param nameB the right one. \param nameY the output.
   ROperator_BasicBinary(std::string nameA, std::string nameB, std::string nameY)
      : RBinary(GetTemplatedType<T>(), Op, std::move(nameA), std::move(nameB), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_BASICBINARY
