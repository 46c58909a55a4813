/// \file ROperator_LayerNormalization.hxx
/// \ingroup TMVA
/// \brief The operator LayerNormalization.

#ifndef TMVA_SOFIE_ROPERATOR_LAYERNORMALIZATION
#define TMVA_SOFIE_ROPERATOR_LAYERNORMALIZATION

#include "TMVA/SOFIE/RLayerNormalization.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_LayerNormalization
/// \ingroup TMVA
/// \brief y = (x - mean) / sqrt(variance + epsilon) * scale + bias.
template <typename T>
class ROperator_LayerNormalization final : public RLayerNormalization {
public:
   /// \param axis the first of the normalised dimensions. \param epsilon added to the variance. \param nameX the input.
   /// \param nameScale the factors, or "". \param nameB the bias, or "". \param nameY the output. \param nameMean the output of the means,
   /// or "". \param nameInvStdDev that of 1 / sqrt(variance + epsilon), or "".
   ROperator_LayerNormalization(int axis, double epsilon, size_t /*stashType*/, std::string nameX,
                                std::string nameScale, std::string nameB, std::string nameY, std::string nameMean,
                                std::string nameInvStdDev)
      : RLayerNormalization(GetTemplatedType<T>(), axis, epsilon, std::move(nameX), std::move(nameScale),
                            std::move(nameB), std::move(nameY), std::move(nameMean), std::move(nameInvStdDev))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_LAYERNORMALIZATION
