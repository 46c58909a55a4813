/// \file ROperator_STFT.hxx
/// \ingroup TMVA
/// \brief The operator STFT.

#ifndef TMVA_SOFIE_ROPERATOR_STFT
#define TMVA_SOFIE_ROPERATOR_STFT

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_STFT
/// \ingroup TMVA
/// \brief The Fourier transforms of frames of signals.
class ROperator_STFT final : public ROperator {
private:
   size_t fStep;
   size_t fFrame;
   bool fIsOneSided;
   std::string fNX;
   std::string fNWindow; ///< "" without a window.
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   std::vector<Dim> fShapeX;
   std::vector<Dim> fShapeY;
   std::vector<SizeCheck> fSizeChecks;

public:
   /// \param frameStep from one frame to the next. \param frameLength that of a frame. \param oneSided whether only the first half of the
   /// transform is wanted. \param nameX signals x samples x 1 or 2 parts. \param nameWindow factors of a frame's samples, or "".
   ROperator_STFT(size_t frameStep, size_t frameLength, int oneSided, std::string nameX, std::string nameWindow,
                  std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "STFT"; }
   std::vector<std::string> GetKernels() const override { return {"Fourier"}; }
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }
   bool ActsOnRows(const std::vector<bool> &batched) const override
   {
      return batched[0] && (fNWindow.empty() || !batched[1]);
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_STFT
