/// \file ROperator_GRU.hxx
/// \ingroup TMVA
/// \brief The operator GRU.

#ifndef TMVA_SOFIE_ROPERATOR_GRU
#define TMVA_SOFIE_ROPERATOR_GRU

#include "TMVA/SOFIE/RRecurrent.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_GRU
/// \ingroup TMVA
/// \brief z, r = f(...), n = g(...), h = (1 - z) n + z h, step by step.
template <typename T>
class ROperator_GRU final : public RRecurrent {
public:
   /// \param hidden the elements of the state. \param linearBeforeReset whether the state is multiplied with its weights before r is.
   /// \param alpha, beta the parameters of those activations that have them. \param activations empty: Sigmoid, Tanh.
   /// \param clip the largest argument of an activation; 0 for no limit. \param direction forward, reverse or bidirectional.
   /// \param layout 1: the batch is the first dimension. Tensors that are left out are "".
   ROperator_GRU(std::vector<float> alpha, std::vector<float> beta, std::vector<std::string> activations, double clip,
                 std::string direction, size_t hidden, size_t layout, size_t linearBeforeReset, std::string nameX,
                 std::string nameW, std::string nameR, std::string nameB, std::string nameLengths,
                 std::string nameFirst, std::string nameY, std::string nameLast)
      : RRecurrent(GetTemplatedType<T>(), ECell::kGRU,
                   {std::move(alpha), std::move(beta), std::move(activations), clip, std::move(direction), hidden,
                    layout, false, linearBeforeReset != 0},
                   {std::move(nameX), std::move(nameW), std::move(nameR), std::move(nameB), std::move(nameLengths),
                    std::move(nameFirst), "", "", std::move(nameY), std::move(nameLast), ""})
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GRU
