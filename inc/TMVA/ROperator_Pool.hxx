/// \file ROperator_Pool.hxx
/// \ingroup TMVA
/// \brief The operators MaxPool, AveragePool and GlobalAveragePool.

#ifndef TMVA_SOFIE_ROPERATOR_POOL
#define TMVA_SOFIE_ROPERATOR_POOL

#include "TMVA/SOFIE/RPool.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Pool
/// \ingroup TMVA
/// \brief The maximum (of any numbers) or the mean (of float or double) of each window.
template <typename T>
class ROperator_Pool final : public RPool {
public:
   /// \param mode what to compute. \param attr the windows; GlobalAveragePool has none.
   ROperator_Pool(PoolOpMode mode, RAttributes_Pool attr, std::string nameX, std::string nameY)
      : RPool(GetTemplatedType<T>(), mode, std::move(attr), std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_POOL
