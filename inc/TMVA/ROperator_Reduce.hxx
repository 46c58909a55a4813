/// \file ROperator_Reduce.hxx
/// \ingroup TMVA
/// \brief Reductions along dimensions.

#ifndef TMVA_SOFIE_ROPERATOR_REDUCE
#define TMVA_SOFIE_ROPERATOR_REDUCE

#include "TMVA/SOFIE/RReduce.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Reduce
/// \ingroup TMVA
/// \brief One value from the elements along some dimensions.
template <typename T, EReduceOpMode Op>
class ROperator_Reduce final : public RReduce {
public:
   /// \param keepdims whether reduced dimensions stay, as 1. \param axes the dimensions, or {} for all. \param nameX the input.
   /// \param nameAxes a tensor that holds the axes instead, or "". \param nameY the output.
   ROperator_Reduce(int keepdims, std::vector<std::int64_t> axes, std::string nameX, std::string nameAxes,
                    std::string nameY)
      : RReduce(GetTemplatedType<T>(), Op, keepdims, std::move(axes), std::move(nameX), std::move(nameAxes),
                std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_REDUCE
