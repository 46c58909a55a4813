/// \file ROperator_DeformConv.hxx
/// \ingroup TMVA
/// \brief The operator DeformConv.

#ifndef TMVA_SOFIE_ROPERATOR_DEFORMCONV
#define TMVA_SOFIE_ROPERATOR_DEFORMCONV

#include "TMVA/SOFIE/RWindow.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_DeformConv
/// \ingroup TMVA
/// \brief A convolution of images whose windows are bent by offsets, read between the elements.
class ROperator_DeformConv final : public RWindow {
private:
   size_t fGroups;
   size_t fOffsetGroups;
   std::string fNX;
   std::string fNW;
   std::string fNOffset;
   std::string fNB;    ///< "" without B.
   std::string fNMask; ///< "" without a mask.
   std::string fNY;
   std::string fFunctor = "Kernel::Identity{}"; ///< Applied to the result.
   std::string fOpType = "DeformConv";
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fImages;
   size_t fChannels = 0; ///< Of X, in one group.
   size_t fRows = 0;     ///< Channels of Y in one group.

public:
   /// \param dilations empty: 1. \param kernelShape empty: that of W. \param pads all before the input, then all behind it; empty: 0.
   /// \param strides empty: 1. \param nameOffset images x (offsetGroup * elements of a window * 2) x the output's spatial dimensions.
   /// \param nameB the bias, or "". \param nameMask a factor for each element of a window, or "".
   ROperator_DeformConv(std::vector<size_t> dilations, size_t group, std::vector<size_t> kernelShape,
                        size_t offsetGroup, std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX,
                        std::string nameW, std::string nameOffset, std::string nameB, std::string nameMask,
                        std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override { return {"DeformConv"}; }
   Dim GetFlops(const RModel &model) const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   bool FuseEpilogue(const ROperator &next) override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_DEFORMCONV
