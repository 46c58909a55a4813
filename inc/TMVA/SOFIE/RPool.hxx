/// \file RPool.hxx
/// \ingroup TMVA
/// \brief Pools.

#ifndef TMVA_SOFIE_RPOOL
#define TMVA_SOFIE_RPOOL

#include "TMVA/SOFIE/RWindow.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The attributes of a pool, as ONNX has them.
struct RAttributes_Pool {
   std::string auto_pad = "NOTSET"; ///< NOTSET, VALID, SAME_UPPER or SAME_LOWER.
   int ceil_mode = 0;               ///< Whether the last window may reach beyond the padding.
   int count_include_pad = 0;       ///< Whether a mean counts the padding.
   int storage_order = 0;           ///< Of the indices that MaxPool can give, which are not supported.
   std::vector<size_t> dilations;   ///< Empty: 1.
   std::vector<size_t> kernel_shape;
   std::vector<size_t> pads;    ///< All before the input, then all behind it; empty: 0.
   std::vector<size_t> strides; ///< Empty: 1.
};

/// What a pool makes of a window.
enum PoolOpMode { InvalidPool, MaxPool, AveragePool, GlobalAveragePool };

/// \class RPool
/// \ingroup TMVA
/// \brief The maximum or the mean of each window over 1 to 3 spatial dimensions (ONNX's MaxPool, AveragePool, GlobalAveragePool).
///
/// With ceil_mode and padding the windows are those of PyTorch and onnxruntime.
class RPool : public RWindow {
private:
   ETensorType fType;
   PoolOpMode fMode;
   bool fCountIncludePad;
   std::string fNX;
   std::string fNY;
   Dim fPlanes;   ///< Images times channels.
   Dim fElements; ///< Of a plane.

   bool IsGlobalMean() const;

public:
   /// \param mode MaxPool, AveragePool or GlobalAveragePool, which takes no attributes.
   RPool(ETensorType type, PoolOpMode mode, RAttributes_Pool attributes, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override;
   std::vector<std::string> GetKernels() const override { return {"Pool"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return true; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RPOOL
