/// \file ROperator_BitCast.hxx
/// \ingroup TMVA
/// \brief The operator BitCast.

#ifndef TMVA_SOFIE_ROPERATOR_BITCAST
#define TMVA_SOFIE_ROPERATOR_BITCAST

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_BitCast
/// \ingroup TMVA
/// \brief y = the bits of x as another type of equal size.
class ROperator_BitCast final : public ROperator {
private:
   ETensorType fType;
   std::string fNX;
   std::string fNY;
   Dim fLength; ///< In bytes.

public:
   /// \param type the new type's name, such as "float". \param nameX the input. \param nameY the output.
   ROperator_BitCast(const std::string &type, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "BitCast"; }
   bool ActsOnRows(const std::vector<bool> &) const override { return true; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_BITCAST
