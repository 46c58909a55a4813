/// \file ROperator_RNN.hxx
/// \ingroup TMVA
/// \brief The operator RNN.

#ifndef TMVA_SOFIE_ROPERATOR_RNN
#define TMVA_SOFIE_ROPERATOR_RNN

#include "TMVA/SOFIE/RRecurrent.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_RNN
/// \ingroup TMVA
/// \brief h = f(W x + R h + b), step by step.
template <typename T>
class ROperator_RNN final : public RRecurrent {
public:
   /// \param hidden the elements of the state.
   /// \param alpha, beta the parameters of those activations that have them. \param activations empty: Tanh.
   /// \param clip the largest argument of an activation; 0 for no limit. \param direction forward, reverse or bidirectional.
   /// \param layout 1: the batch is the first dimension. Tensors that are left out are "".
   ROperator_RNN(std::vector<float> alpha, std::vector<float> beta, std::vector<std::string> activations, double clip,
                 std::string direction, size_t hidden, size_t layout, std::string nameX, std::string nameW,
                 std::string nameR, std::string nameB, std::string nameLengths, std::string nameFirst,
                 std::string nameY, std::string nameLast)
      : RRecurrent(GetTemplatedType<T>(), ECell::kRNN,
                   {std::move(alpha), std::move(beta), std::move(activations), clip, std::move(direction), hidden,
                    layout, false, false},
                   {std::move(nameX), std::move(nameW), std::move(nameR), std::move(nameB), std::move(nameLengths),
                    std::move(nameFirst), "", "", std::move(nameY), std::move(nameLast), ""})
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_RNN
