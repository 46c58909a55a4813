/// \file RConv.hxx
/// \ingroup TMVA
/// \brief Convolutions.

#ifndef TMVA_SOFIE_RCONV
#define TMVA_SOFIE_RCONV

#include "TMVA/SOFIE/RWindow.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RConv
/// \ingroup TMVA
/// \brief Y = X convolved with W, plus B (ONNX's Conv), over 1 to 3 spatial dimensions.
///
/// It is a product of matrices (kernel Conv), or where each group has one channel a direct sum (kernel DepthwiseConv). Most are faster with
/// the channels last (kernels ConvLast, DepthwiseLast), which is how a network of convolutions then runs from its first to its last.
class RConv : public RWindow {
private:
   ETensorType fType;
   ETensorType fPackedType = ETensorType::FLOAT; ///< Of W as it is packed.
   size_t fGroups;
   std::string fNX;
   std::string fNW;
   std::string fNB; ///< "" without B.
   std::string fNY;
   std::string fNAddend;                        ///< Added to the result; or "".
   std::string fPlaces;                         ///< Where its elements are (PlacesCode).
   std::string fFunctor = "Kernel::Identity{}"; ///< Applied to the result.
   std::string fOpType = "Conv";
   bool fIsDepthwise = false;
   bool fIsLast = false;  ///< Tensors have their channels last, and the weights are packed.
   bool fIsDense = false; ///< Each element's channels are multiplied as rows are.
   Dim fImages;
   std::vector<Dim> fShapeY;
   size_t fChannels = 0; ///< Of the input, in one group.
   size_t fRows = 0;     ///< Channels of the output in one group.

   std::string BiasCode() const;
   /// The lines of a panel of packed weights that several tiles of windows read, or 0.
   size_t GetLinesReadAgain() const;
   void AddStage(RModel &model);

public:
   /// \param nameB "" without B. \param kernelShape may be empty: it is that of W.
   RConv(ETensorType type, std::string autopad, std::vector<size_t> dilations, size_t group,
         std::vector<size_t> kernelShape, std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX,
         std::string nameW, std::string nameB, std::string nameY);

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override
   {
      return {fIsDense ? "Gemm" : fIsLast ? "ChannelsLast" : "Conv"};
   }
   Dim GetFlops(const RModel &model) const override;
   std::vector<PackedWeight> GetPackedWeights() const override;
   std::set<std::string> GetPackedInputs() const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   bool FuseEpilogue(const ROperator &next) override;
   bool FuseAddition(const ROperator &next, const Addend &addend) override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCONV
