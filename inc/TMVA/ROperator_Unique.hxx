/// \file ROperator_Unique.hxx
/// \ingroup TMVA
/// \brief The operator Unique.

#ifndef TMVA_SOFIE_ROPERATOR_UNIQUE
#define TMVA_SOFIE_ROPERATOR_UNIQUE

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Unique
/// \ingroup TMVA
/// \brief The different slices along an axis, or the different elements; where each appears first, which each one is, and how often.
class ROperator_Unique final : public ROperator {
private:
   bool fHasAxis;
   int fAxis;
   bool fSorted;
   std::string fNX;
   std::vector<std::string> fNYs; ///< Values, first appearance, inverse, counts; "" for those left out.
   std::string fCount;            ///< The size that depends on data.
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fOuter, fSize, fInner;
   std::vector<std::string> fScratch; ///< Order, first, counts, inverse.

public:
   /// \param hasAxis whether slices along the axis are meant, or elements of the flat tensor. \param axis the axis. \param sorted whether
   /// they come in their natural order, or in that of their first appearance. \param nameX the input. \param nameYs the four outputs, ""
   /// where left out.
   ROperator_Unique(bool hasAxis, int axis, bool sorted, std::string nameX, std::vector<std::string> nameYs);

   void Initialize(RModel &model) override;
   std::string GenerateSizes(std::string opName) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Unique"; }
   std::vector<std::string> GetKernels() const override { return {"Selection"}; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_UNIQUE
