/// \file RGroupNormalization.hxx
/// \ingroup TMVA
/// \brief Normalisations of groups of channels.

#ifndef TMVA_SOFIE_RGROUPNORMALIZATION
#define TMVA_SOFIE_RGROUPNORMALIZATION

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RGroupNormalization
/// \ingroup TMVA
/// \brief y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance of the channels of a group.
class RGroupNormalization : public ROperator {
private:
   ETensorType fType;
   std::string fOpType;
   double fEpsilon;
   size_t fGroups; ///< 0: each channel is one.
   std::string fNX;
   std::string fNScale;
   std::string fNB;
   std::string fNY;
   Dim fImages;
   size_t fChannels = 0; ///< Of a group.
   size_t fShared = 1;   ///< Channels that share scale and bias.
   Dim fInner;

public:
   /// \param groups 0: each channel is one. \param nameScale the factors of each channel, or of each group. \param nameB likewise the bias.
   RGroupNormalization(ETensorType type, std::string opType, double epsilon, size_t groups, std::string nameX,
                       std::string nameScale, std::string nameB, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override { return {"LayerNorm"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &batched) const override { return batched[0] && !batched[1] && !batched[2]; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RGROUPNORMALIZATION
