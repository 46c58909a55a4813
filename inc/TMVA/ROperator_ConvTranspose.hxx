/// \file ROperator_ConvTranspose.hxx
/// \ingroup TMVA
/// \brief The operator ConvTranspose.

#ifndef TMVA_SOFIE_ROPERATOR_CONVTRANSPOSE
#define TMVA_SOFIE_ROPERATOR_CONVTRANSPOSE

#include "TMVA/SOFIE/RConvTranspose.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_ConvTranspose
/// \ingroup TMVA
/// \brief A convolution of X (images x channels x 1 to 3 spatial dimensions) with W turned around, plus B.
template <typename T>
class ROperator_ConvTranspose final : public RConvTranspose {
public:
   /// \param autopad NOTSET, VALID, SAME_UPPER or SAME_LOWER. \param kernelShape empty: that of W.
   /// \param outputPadding added at the end of each dimension; empty: 0. \param outputShape the spatial dimensions of Y, from which the pads
   /// follow; empty: they follow from the pads. \param pads all before Y, then all behind it; empty: 0. \param nameB the bias, or "".
   ROperator_ConvTranspose(std::string autopad, std::vector<size_t> dilations, size_t group,
                           std::vector<size_t> kernelShape, std::vector<size_t> outputPadding,
                           std::vector<size_t> outputShape, std::vector<size_t> pads, std::vector<size_t> strides,
                           std::string nameX, std::string nameW, std::string nameB, std::string nameY)
      : RConvTranspose(GetTemplatedType<T>(), std::move(autopad), std::move(dilations), group, std::move(kernelShape),
                       std::move(outputPadding), std::move(outputShape), std::move(pads), std::move(strides),
                       std::move(nameX), std::move(nameW), std::move(nameB), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CONVTRANSPOSE
