/// \file ROperator_LSTM.hxx
/// \ingroup TMVA
/// \brief The operator LSTM.

#ifndef TMVA_SOFIE_ROPERATOR_LSTM
#define TMVA_SOFIE_ROPERATOR_LSTM

#include "TMVA/SOFIE/RRecurrent.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_LSTM
/// \ingroup TMVA
/// \brief i, o, f = f(...), c = f c + i g(...), h = o h(c), step by step.
template <typename T>
class ROperator_LSTM final : public RRecurrent {
public:
   /// \param hidden the elements of the state. \param inputForget whether f is 1 - i.
   /// \param alpha, beta the parameters of those activations that have them. \param activations empty: Sigmoid, Tanh, Tanh.
   /// \param clip the largest argument of an activation; 0 for no limit. \param direction forward, reverse or bidirectional.
   /// \param layout 1: the batch is the first dimension. Tensors that are left out are "".
   ROperator_LSTM(std::vector<float> alpha, std::vector<float> beta, std::vector<std::string> activations, double clip,
                  std::string direction, size_t hidden, size_t inputForget, size_t layout, std::string nameX,
                  std::string nameW, std::string nameR, std::string nameB, std::string nameLengths,
                  std::string nameFirstH, std::string nameFirstC, std::string nameP, std::string nameY,
                  std::string nameLastH, std::string nameLastC)
      : RRecurrent(GetTemplatedType<T>(), ECell::kLSTM,
                   {std::move(alpha), std::move(beta), std::move(activations), clip, std::move(direction), hidden,
                    layout, inputForget != 0, false},
                   {std::move(nameX), std::move(nameW), std::move(nameR), std::move(nameB), std::move(nameLengths),
                    std::move(nameFirstH), std::move(nameFirstC), std::move(nameP), std::move(nameY),
                    std::move(nameLastH), std::move(nameLastC)})
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_LSTM
