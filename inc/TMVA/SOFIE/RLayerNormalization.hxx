/// \file RLayerNormalization.hxx
/// \ingroup TMVA
/// \brief The operator LayerNormalization.

#ifndef TMVA_SOFIE_RLAYERNORMALIZATION
#define TMVA_SOFIE_RLAYERNORMALIZATION

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RLayerNormalization
/// \ingroup TMVA
/// \brief y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance along the last dimensions; or without the mean
/// and the bias, the variance being the mean of the squares (ONNX's RMSNormalization).
class RLayerNormalization : public ROperator {
private:
   ETensorType fType;
   int fAxis;
   double fEpsilon;
   std::string fNX;
   std::string fNScale;
   std::string fNB;
   std::string fNY;
   std::string fNMean;
   std::string fNInvStdDev;
   Dim fRows;
   Dim fLength;
   std::vector<Dim> fShape;
   std::vector<Dim> fShapeScale;
   std::vector<Dim> fShapeB;
   int fStepScale = -1; ///< How the kernel reads it: 1 along a row, 0 one number, -1 not.
   int fStepB = -1;
   bool fIsCentred;

   int StepOf(const std::string &name, const std::vector<Dim> &shape) const;

public:
   /// \param type the elements' type. \param axis the first of the normalised dimensions. \param epsilon added to the variance.
   /// \param nameX the input. \param nameScale the factors, or "". \param nameB the bias, or "". \param nameY the output.
   /// \param nameMean the output of the means, or "". \param nameInvStdDev that of 1 / sqrt(variance + epsilon), or "".
   /// \param isCentred whether the mean is taken off.
   RLayerNormalization(ETensorType type, int axis, double epsilon, std::string nameX, std::string nameScale,
                       std::string nameB, std::string nameY, std::string nameMean, std::string nameInvStdDev,
                       bool isCentred = true);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fIsCentred ? "LayerNormalization" : "RMSNormalization"; }
   std::vector<std::string> GetKernels() const override { return {"LayerNorm", "Binary"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RLAYERNORMALIZATION
