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
   int storage_order = 0;           ///< 1: MaxPool's indices count along the first spatial dimension.
   std::vector<size_t> dilations;   ///< Empty: 1.
   std::vector<size_t> kernel_shape;
   std::vector<size_t> pads;    ///< All before the input, then all behind it; empty: 0.
   std::vector<size_t> strides; ///< Empty: 1.
   size_t p = 2;                ///< Of the norms.
};

/// What a pool makes of a window.
enum PoolOpMode { InvalidPool, MaxPool, AveragePool, GlobalAveragePool, LpPool, GlobalMaxPool, GlobalLpPool };

/// \class RPool
/// \ingroup TMVA
/// \brief The maximum, the mean or the norm of each window over 1 to 3 spatial dimensions, or of whole planes (ONNX's pools).
///
/// With ceil_mode and padding the windows are those of PyTorch and onnxruntime.
class RPool : public RWindow {
private:
   ETensorType fType;
   PoolOpMode fMode;
   bool fCountIncludePad;
   bool fIsByColumns;
   size_t fPower;
   std::string fNX;
   std::string fNY;
   std::string fNIndices;    ///< "" without them.
   bool fIsLast = false;     ///< Tensors have their channels last.
   std::vector<Dim> fShapeX; ///< With its channels second.
   Dim fPlanes;              ///< Images times channels.
   Dim fElements;            ///< Of a plane.

   bool IsGlobalMean() const;
   bool IsGlobal() const { return fMode == GlobalAveragePool || fMode == GlobalMaxPool || fMode == GlobalLpPool; }
   bool IsMax() const { return fMode == MaxPool || fMode == GlobalMaxPool; }
   std::string OfCode() const;
   std::string WholeWindowCode() const;

public:
   /// \param mode what to compute; that of whole planes takes no windows. \param nameIndices of MaxPool: where the maxima are, or "".
   RPool(ETensorType type, PoolOpMode mode, RAttributes_Pool attributes, std::string nameX, std::string nameY,
         std::string nameIndices = "");

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override;
   std::vector<std::string> GetKernels() const override { return {fIsLast ? "ChannelsLast" : "Pool"}; }
   Dim GetFlops(const RModel &model) const override;
   // An index counts from the first row.
   bool ActsOnRows(const std::vector<bool> &) const override { return fNIndices.empty(); }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RPOOL
