/// \file ROperator_BatchNormalization.hxx
/// \ingroup TMVA
/// \brief The operator BatchNormalization.

#ifndef TMVA_SOFIE_ROPERATOR_BATCHNORMALIZATION
#define TMVA_SOFIE_ROPERATOR_BATCHNORMALIZATION

#include "TMVA/SOFIE/RBatchNormalization.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_BatchNormalization
/// \ingroup TMVA
/// \brief Y = (X - mean) / sqrt(var + epsilon) * scale + B, the channels being X's second dimension.
template <typename T>
class ROperator_BatchNormalization final : public RBatchNormalization {
public:
   /// \param momentum of no effect at inference. \param training_mode must be 0. \param activation applied to the result.
   ROperator_BatchNormalization(double epsilon, double /*momentum*/, size_t training_mode, std::string nameX,
                                std::string nameScale, std::string nameB, std::string nameMean, std::string nameVar,
                                std::string nameY, EActivationType activation = EActivationType::UNDEFINED)
      : RBatchNormalization(GetTemplatedType<T>(), epsilon, training_mode, std::move(nameX), std::move(nameScale),
                            std::move(nameB), std::move(nameMean), std::move(nameVar), std::move(nameY), activation)
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_BATCHNORMALIZATION
