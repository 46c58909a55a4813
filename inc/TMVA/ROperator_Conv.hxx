/// \file ROperator_Conv.hxx
/// \ingroup TMVA
/// \brief The operator Conv.

#ifndef TMVA_SOFIE_ROPERATOR_CONV
#define TMVA_SOFIE_ROPERATOR_CONV

#include "TMVA/SOFIE/RConv.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Conv
/// \ingroup TMVA
/// \brief Y = X (images x channels x 1 to 3 spatial dimensions) convolved with W, plus B.
template <typename T>
class ROperator_Conv final : public RConv {
public:
   /// With B; "" for none.
   /// \param autopad NOTSET, VALID, SAME_UPPER or SAME_LOWER. \param kernelShape empty: that of W.
   /// \param pads all before the input, then all behind it; empty: 0. \param strides empty: 1. \param dilations empty: 1.
   ROperator_Conv(std::string autopad, std::vector<size_t> dilations, size_t group, std::vector<size_t> kernelShape,
                  std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX, std::string nameW,
                  std::string nameB, std::string nameY)
      : RConv(GetTemplatedType<T>(), std::move(autopad), std::move(dilations), group, std::move(kernelShape),
              std::move(pads), std::move(strides), std::move(nameX), std::move(nameW), std::move(nameB),
              std::move(nameY))
   {
   }
   /// Without B.
   ROperator_Conv(std::string autopad, std::vector<size_t> dilations, size_t group, std::vector<size_t> kernelShape,
                  std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX, std::string nameW,
                  std::string nameY)
      : RConv(GetTemplatedType<T>(), std::move(autopad), std::move(dilations), group, std::move(kernelShape),
              std::move(pads), std::move(strides), std::move(nameX), std::move(nameW), "", std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CONV
