/// \file ROperator_Col2Im.hxx
/// \ingroup TMVA
/// \brief The operator Col2Im.

#ifndef TMVA_SOFIE_ROPERATOR_COL2IM
#define TMVA_SOFIE_ROPERATOR_COL2IM

#include "TMVA/SOFIE/RWindow.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Col2Im
/// \ingroup TMVA
/// \brief Images from the columns that windows made of them; where windows overlap, their values are added.
class ROperator_Col2Im final : public RWindow {
private:
   std::vector<size_t> fImageShape;
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fPlanes;

public:
   /// \param imageShape the 1 to 3 spatial dimensions of the images. \param blockShape those of a window. \param dilations empty: 1.
   /// \param pads all before the image, then all behind it; empty: 0. \param strides empty: 1.
   /// \param nameX images x (channels * elements of a window) x windows.
   ROperator_Col2Im(std::vector<size_t> imageShape, std::vector<size_t> blockShape, std::vector<size_t> dilations,
                    std::vector<size_t> pads, std::vector<size_t> strides, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Col2Im"; }
   std::vector<std::string> GetKernels() const override { return {"Fold"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return true; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_COL2IM
