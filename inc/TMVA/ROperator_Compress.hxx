/// \file ROperator_Compress.hxx
/// \ingroup TMVA
/// \brief The operator Compress.

#ifndef TMVA_SOFIE_ROPERATOR_COMPRESS
#define TMVA_SOFIE_ROPERATOR_COMPRESS

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Compress
/// \ingroup TMVA
/// \brief Those slices along an axis, or those elements, for which a condition holds.
class ROperator_Compress final : public ROperator {
private:
   bool fHasAxis;
   int fAxis;
   std::string fNX;
   std::string fNCondition;
   std::string fNY;
   std::string fCount; ///< The size that depends on data.
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fOuter, fSize, fConditions, fInner;

public:
   /// \param hasAxis whether slices along the axis are meant, or elements of the flat tensor. \param axis the axis. \param nameX the
   /// input. \param nameCondition bools, not more than there are slices. \param nameY the output.
   ROperator_Compress(bool hasAxis, int axis, std::string nameX, std::string nameCondition, std::string nameY);

   void Initialize(RModel &model) override;
   std::string GenerateSizes(std::string opName) override;
   std::string Generate(std::string opName) override;
   std::vector<SizeCheck> GetSizeChecks() const override;
   std::string GetOpType() const override { return "Compress"; }
   std::vector<std::string> GetKernels() const override { return {"Selection"}; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_COMPRESS
