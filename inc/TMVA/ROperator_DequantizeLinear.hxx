/// \file ROperator_DequantizeLinear.hxx
/// \ingroup TMVA
/// \brief The operator DequantizeLinear.

#ifndef TMVA_SOFIE_ROPERATOR_DEQUANTIZELINEAR
#define TMVA_SOFIE_ROPERATOR_DEQUANTIZELINEAR

#include "TMVA/SOFIE/RQuantize.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_DequantizeLinear
/// \ingroup TMVA
/// \brief y = (x - zero point) scale.
class ROperator_DequantizeLinear final : public RQuantize {
public:
   /// \param axis the axis with several scales. \param blockSize the elements along it that have one together, or 0. \param nameX the input.
   /// \param nameScale the scale. \param nameZeroPoint what becomes 0, or "". \param nameY the output.
   ROperator_DequantizeLinear(std::int64_t axis, std::int64_t blockSize, std::string nameX, std::string nameScale,
                              std::string nameZeroPoint, std::string nameY)
      : RQuantize(ETensorType::UNDEFINED, axis, blockSize, std::move(nameX), std::move(nameScale),
                  std::move(nameZeroPoint), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_DEQUANTIZELINEAR
