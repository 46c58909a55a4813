/// \file ROperator_GroupNormalization.hxx
/// \ingroup TMVA
/// \brief The operator GroupNormalization.

#ifndef TMVA_SOFIE_ROPERATOR_GROUPNORMALIZATION
#define TMVA_SOFIE_ROPERATOR_GROUPNORMALIZATION

#include "TMVA/SOFIE/RGroupNormalization.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_GroupNormalization
/// \ingroup TMVA
/// \brief y = (x - mean) / sqrt(variance + epsilon) * scale + bias, each group of channels of each image by itself.
template <typename T>
class ROperator_GroupNormalization final : public RGroupNormalization {
public:
   /// \param epsilon added to the variance. \param groups their number. \param nameX the input. \param nameScale the factors of each channel, or
   /// of each group. \param nameB likewise the bias. \param nameY the output.
   ROperator_GroupNormalization(double epsilon, size_t groups, std::string nameX, std::string nameScale,
                                std::string nameB, std::string nameY)
      : RGroupNormalization(GetTemplatedType<T>(), "GroupNormalization", epsilon, groups, std::move(nameX),
                            std::move(nameScale), std::move(nameB), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GROUPNORMALIZATION
