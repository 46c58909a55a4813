/// \file ROperator_InstanceNormalization.hxx
/// \ingroup TMVA
/// \brief The operator InstanceNormalization.

#ifndef TMVA_SOFIE_ROPERATOR_INSTANCENORMALIZATION
#define TMVA_SOFIE_ROPERATOR_INSTANCENORMALIZATION

#include "TMVA/SOFIE/RGroupNormalization.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_InstanceNormalization
/// \ingroup TMVA
/// \brief y = (x - mean) / sqrt(variance + epsilon) * scale + bias, each channel of each image by itself.
template <typename T>
class ROperator_InstanceNormalization final : public RGroupNormalization {
public:
   /// \param epsilon added to the variance. \param nameX the input. \param nameScale the factors. \param nameB the bias. \param nameY the output.
   ROperator_InstanceNormalization(double epsilon, std::string nameX, std::string nameScale, std::string nameB,
                                   std::string nameY)
      : RGroupNormalization(GetTemplatedType<T>(), "InstanceNormalization", epsilon, 0, std::move(nameX),
                            std::move(nameScale), std::move(nameB), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_INSTANCENORMALIZATION
