/// \file ROperator_ChannelsLastConv.hxx
/// \ingroup TMVA
/// \brief The operator ChannelsLastConv, which ONNX does not have.

#ifndef TMVA_SOFIE_ROPERATOR_CHANNELSLASTCONV
#define TMVA_SOFIE_ROPERATOR_CHANNELSLASTCONV

#include "TMVA/SOFIE/RChannelsLastConv.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_ChannelsLastConv
/// \ingroup TMVA
/// \brief Y = X (images x 1 to 3 spatial dimensions x channels) convolved with W, plus B, the channels last in all of them.
template <typename T>
class ROperator_ChannelsLastConv final : public RChannelsLastConv {
public:
   /// \param dilations empty: 1. \param group 1, or the number of channels. \param pads all before the input, then all behind it; empty: 0.
   /// \param strides empty: 1. \param nameW window x channels of a group x channels of the output. \param nameB "" for none.
   ROperator_ChannelsLastConv(std::vector<size_t> dilations, size_t group, std::vector<size_t> pads,
                              std::vector<size_t> strides, std::string nameX, std::string nameW, std::string nameB,
                              std::string nameY)
      : RChannelsLastConv(GetTemplatedType<T>(), std::move(dilations), group, std::move(pads), std::move(strides),
                          std::move(nameX), std::move(nameW), std::move(nameB), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CHANNELSLASTCONV
