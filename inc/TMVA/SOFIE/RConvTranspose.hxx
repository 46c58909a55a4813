/// \file RConvTranspose.hxx
/// \ingroup TMVA
/// \brief Convolutions turned around.

#ifndef TMVA_SOFIE_RCONVTRANSPOSE
#define TMVA_SOFIE_RCONVTRANSPOSE

#include "TMVA/SOFIE/RWindow.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RConvTranspose
/// \ingroup TMVA
/// \brief Each element of X, times W, is added to a window over Y (ONNX's ConvTranspose), over 1 to 3 spatial dimensions.
class RConvTranspose : public RWindow {
private:
   ETensorType fType;
   ETensorType fPackedType = ETensorType::FLOAT; ///< Of W as it is packed.
   size_t fGroups;
   std::vector<size_t> fOutputPadding;
   std::vector<size_t> fOutputShape;
   std::string fNX;
   std::string fNW;
   std::string fNB; ///< "" without B.
   std::string fNY;
   std::string fFunctor = "Kernel::Identity{}"; ///< Applied to the result.
   std::string fOpType = "ConvTranspose";
   bool fIsLast = false; ///< Tensors have their channels last, and the weights are packed.
   Dim fImages;
   size_t fChannels = 0; ///< Of X, in one group.
   size_t fRows = 0;     ///< Channels of Y in one group.

   std::string SizesCode() const;

public:
   /// \param nameB "" without B. \param kernelShape may be empty: it is that of W.
   RConvTranspose(ETensorType type, std::string autopad, std::vector<size_t> dilations, size_t group,
                  std::vector<size_t> kernelShape, std::vector<size_t> outputPadding, std::vector<size_t> outputShape,
                  std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX, std::string nameW,
                  std::string nameB, std::string nameY);

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override { return {"Fold"}; }
   std::vector<PackedWeight> GetPackedWeights() const override;
   std::set<std::string> GetPackedInputs() const override
   {
      return fIsLast ? std::set<std::string>{fNW} : std::set<std::string>{};
   }
   Dim GetFlops(const RModel &model) const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   bool FuseEpilogue(const ROperator &next) override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCONVTRANSPOSE
