/// \file RChannelsLastConv.hxx
/// \ingroup TMVA
/// \brief Convolutions of images whose channels are their last dimension.

#ifndef TMVA_SOFIE_RCHANNELSLASTCONV
#define TMVA_SOFIE_RCHANNELSLASTCONV

#include "TMVA/SOFIE/RWindow.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RChannelsLastConv
/// \ingroup TMVA
/// \brief Y = X (images x 1 to 3 spatial dimensions x channels) convolved with W (window x channels of a group x outputs), plus B.
///
/// In one group it is a product of the windows, gathered as rows, with weights that are constants; the other form has each channel in a
/// group by itself.
class RChannelsLastConv : public RWindow {
private:
   ETensorType fType;
   size_t fGroups;
   std::string fNX;
   std::string fNW;
   std::string fNB; ///< "" without B.
   std::string fNY;
   std::string fFunctor = "Kernel::Identity{}"; ///< Applied to the result.
   std::string fOpType = "ChannelsLastConv";
   bool fIsDepthwise = false;
   Dim fImages;
   size_t fChannels = 0; ///< Of the input.
   size_t fRows = 0;     ///< Channels of the output.

   std::string Depth() const { return std::to_string(GetTaps() * fChannels); }

public:
   /// \param nameB "" without B.
   RChannelsLastConv(ETensorType type, std::vector<size_t> dilations, size_t group, std::vector<size_t> pads,
                     std::vector<size_t> strides, std::string nameX, std::string nameW, std::string nameB,
                     std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override { return {"ChannelsLast"}; }
   std::vector<PackedWeight> GetPackedWeights() const override;
   std::set<std::string> GetPackedInputs() const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   bool FuseEpilogue(const ROperator &next) override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCHANNELSLASTCONV
