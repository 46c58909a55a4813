/// \file ROperator_Where.hxx
/// \ingroup TMVA
/// \brief The operator Where.

#ifndef TMVA_SOFIE_ROPERATOR_WHERE
#define TMVA_SOFIE_ROPERATOR_WHERE

#include "TMVA/SOFIE/RPointwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Where
/// \ingroup TMVA
/// \brief y = a where the condition holds, else b, with broadcasting.
template <typename T>
class ROperator_Where final : public RPointwise {
public:
   /// \param nameA the values where it holds. \param nameB the others. \param nameC the condition, of truth values. \param nameY the output.
   ROperator_Where(std::string nameA, std::string nameB, std::string nameC, std::string nameY)
      : RPointwise("Where", "Kernel::Where{}", {std::move(nameC), std::move(nameA), std::move(nameB)},
                   {ETensorType::BOOL, GetTemplatedType<T>(), GetTemplatedType<T>()}, std::move(nameY),
                   GetTemplatedType<T>())
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_WHERE
