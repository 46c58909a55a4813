/// \file ROperator_QuantizeLinear.hxx
/// \ingroup TMVA
/// \brief The operator QuantizeLinear.

#ifndef TMVA_SOFIE_ROPERATOR_QUANTIZELINEAR
#define TMVA_SOFIE_ROPERATOR_QUANTIZELINEAR

#include "TMVA/SOFIE/RQuantize.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_QuantizeLinear
/// \ingroup TMVA
/// \brief y = x / scale rounded to an integer of a small type, moved by the zero point and kept in the range.
class ROperator_QuantizeLinear final : public RQuantize {
public:
   /// \param type the output's type by name. \param axis the axis with several scales. \param blockSize the elements along it that have one
   /// together, or 0. \param nameX the input. \param nameScale the scale. \param nameZeroPoint what 0 becomes, or "". \param nameY the output.
   ROperator_QuantizeLinear(const std::string &type, std::int64_t axis, std::int64_t blockSize, std::string nameX,
                            std::string nameScale, std::string nameZeroPoint, std::string nameY)
      : RQuantize(ConvertStringToType(type), axis, blockSize, std::move(nameX), std::move(nameScale),
                  std::move(nameZeroPoint), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_QUANTIZELINEAR
