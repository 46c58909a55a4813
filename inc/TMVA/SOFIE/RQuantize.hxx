/// \file RQuantize.hxx
/// \ingroup TMVA
/// \brief The operators QuantizeLinear and DequantizeLinear.

#ifndef TMVA_SOFIE_RQUANTIZE
#define TMVA_SOFIE_RQUANTIZE

#include "TMVA/SOFIE/RPointwise.hxx"

#include <cstdint>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RQuantize
/// \ingroup TMVA
/// \brief Numbers as small integers and back, with one scale for all, or one for each index of an axis or for each block along it.
class RQuantize : public ROperator {
private:
   std::int64_t fAxis;
   std::int64_t fBlockSize;
   ETensorType fTypeY; ///< UNDEFINED where it is that of the scale.
   std::string fNX;
   std::string fNScale;
   std::string fNZero;
   std::string fNY;
   std::vector<std::vector<Dim>> fShapes; ///< Of the inputs, brought to forms that broadcast.
   std::vector<Dim> fShapeY;              ///< What they broadcast to.
   ETensorType fTypeScale = ETensorType::UNDEFINED;

   bool IsForward() const { return fTypeY != ETensorType::UNDEFINED; }
   std::vector<Dim> ScaleShape(const std::vector<Dim> &shapeX, const std::vector<Dim> &shapeScale);

public:
   /// \param typeY the type of the integers, or UNDEFINED where x has them. \param axis the axis with several scales. \param blockSize the elements
   /// along it that have one together, or 0. \param nameX the input. \param nameScale the scale. \param nameZeroPoint what 0 becomes, or "".
   /// \param nameY the output.
   RQuantize(ETensorType typeY, std::int64_t axis, std::int64_t blockSize, std::string nameX, std::string nameScale,
             std::string nameZeroPoint, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return IsForward() ? "QuantizeLinear" : "DequantizeLinear"; }
   std::vector<std::string> GetKernels() const override { return {"Quantize"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &batched) const override
   {
      return BroadcastActsOnRows(fShapes, fShapeY.size(), batched);
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RQUANTIZE
