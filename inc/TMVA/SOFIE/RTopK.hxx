/// \file RTopK.hxx
/// \ingroup TMVA
/// \brief The operator TopK.

#ifndef TMVA_SOFIE_RTOPK
#define TMVA_SOFIE_RTOPK

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RTopK
/// \ingroup TMVA
/// \brief The greatest or the least elements along an axis, in order, and their indices.
class RTopK : public ROperator {
private:
   ETensorType fType;
   std::int64_t fAxis;
   bool fIsLargest;
   std::string fNK, fNX, fNValues, fNIndices;
   std::string fScratch;
   Dim fOuter, fLength, fInner, fCount;
   std::vector<SizeCheck> fSizeChecks;

public:
   /// \param type the elements' type. \param axis the axis. \param largest whether the greatest, else the least. \param sorted taken for
   /// true. \param nameK the tensor of their number. \param nameX the input. \param nameValues the elements. \param nameIndices their indices.
   RTopK(ETensorType type, int axis, int largest, int sorted, std::string nameK, std::string nameX,
         std::string nameValues, std::string nameIndices);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "TopK"; }
   std::vector<std::string> GetKernels() const override { return {"Select"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fAxis > 0; }
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RTOPK
