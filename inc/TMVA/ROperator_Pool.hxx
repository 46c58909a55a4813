/// \file ROperator_Pool.hxx
/// \ingroup TMVA
/// \brief The pools.

#ifndef TMVA_SOFIE_ROPERATOR_POOL
#define TMVA_SOFIE_ROPERATOR_POOL

#include "TMVA/SOFIE/RPool.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Pool
/// \ingroup TMVA
/// \brief The maximum (of any numbers), the mean or the norm (of float or double) of each window or plane.
template <typename T>
class ROperator_Pool final : public RPool {
public:
   /// \param mode what to compute. \param attr the windows; the global ones have none. \param nameIndices where the maxima are, or "".
   ROperator_Pool(PoolOpMode mode, RAttributes_Pool attr, std::string nameX, std::string nameY,
                  std::string nameIndices = "")
      : RPool(GetTemplatedType<T>(), mode, std::move(attr), std::move(nameX), std::move(nameY), std::move(nameIndices))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_POOL
