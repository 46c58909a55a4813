/// \file ROperator_RMSNormalization.hxx
/// \ingroup TMVA
/// \brief The operator RMSNormalization.

#ifndef TMVA_SOFIE_ROPERATOR_RMSNORMALIZATION
#define TMVA_SOFIE_ROPERATOR_RMSNORMALIZATION

#include "TMVA/SOFIE/RLayerNormalization.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_RMSNormalization
/// \ingroup TMVA
/// \brief y = x / sqrt(the mean of the squares + epsilon) * scale.
template <typename T>
class ROperator_RMSNormalization final : public RLayerNormalization {
public:
   /// \param axis the first of the normalised dimensions. \param epsilon added to the mean of the squares. \param nameX the input.
   /// \param nameScale the factors. \param nameY the output.
   ROperator_RMSNormalization(int axis, double epsilon, size_t /*stashType*/, std::string nameX, std::string nameScale,
                              std::string nameY)
      : RLayerNormalization(GetTemplatedType<T>(), axis, epsilon, std::move(nameX), std::move(nameScale), "",
                            std::move(nameY), "", "", false)
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_RMSNORMALIZATION
