/// \file ROperator_Cast.hxx
/// \ingroup TMVA
/// \brief The operator Cast.

#ifndef TMVA_SOFIE_ROPERATOR_CAST
#define TMVA_SOFIE_ROPERATOR_CAST

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Cast
/// \ingroup TMVA
/// \brief y = x as another type.
///
/// From floats to integers fractions are cut off, values beyond the range become its end and NaN becomes 0; from integers to
/// smaller ones the upper bits are lost; to bool everything but 0 is true. It is the one operator on 16-bit floats.
class ROperator_Cast final : public ROperator {
private:
   ETensorType fType;
   ETensorType fTypeX = ETensorType::UNDEFINED;
   bool fIsView = false; ///< The types are equal.
   std::string fNX;
   std::string fNY;
   Dim fLength;

public:
   /// \param type the new type. \param nameX the input. \param nameY the output.
   ROperator_Cast(ETensorType type, std::string nameX, std::string nameY);
   /// \param type the new type's name, such as "float".
   ROperator_Cast(std::string type, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Cast"; }
   std::vector<std::string> GetKernels() const override { return {"Cast"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return true; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CAST
