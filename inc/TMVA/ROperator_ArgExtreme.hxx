/// \file ROperator_ArgExtreme.hxx
/// \ingroup TMVA
/// \brief The operators ArgMax and ArgMin.

#ifndef TMVA_SOFIE_ROPERATOR_ARGEXTREME
#define TMVA_SOFIE_ROPERATOR_ARGEXTREME

#include "TMVA/SOFIE/RArgExtreme.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_ArgExtreme
/// \ingroup TMVA
/// \brief The index of the greatest or the least element along an axis.
template <typename T, EArgExtremeMode Op>
class ROperator_ArgExtreme final : public RArgExtreme {
public:
   /// \param axis the axis. \param keepdims whether it stays, as 1. \param select_last_index which of equal elements: the last one, else
   /// the first one. \param nameX the input. \param nameY the indices.
   ROperator_ArgExtreme(std::int64_t axis, int keepdims, int select_last_index, std::string nameX, std::string nameY)
      : RArgExtreme(GetTemplatedType<T>(), Op, axis, keepdims, select_last_index, std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_ARGEXTREME
