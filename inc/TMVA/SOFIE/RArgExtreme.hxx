/// \file RArgExtreme.hxx
/// \ingroup TMVA
/// \brief The operators ArgMax and ArgMin.

#ifndef TMVA_SOFIE_RARGEXTREME
#define TMVA_SOFIE_RARGEXTREME

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// Which element is looked for.
enum EArgExtremeMode { ArgMax, ArgMin };

/// \class RArgExtreme
/// \ingroup TMVA
/// \brief The index of the greatest or the least element along an axis.
class RArgExtreme : public ROperator {
private:
   ETensorType fType;
   EArgExtremeMode fMode;
   std::int64_t fAxis;
   bool fKeepDims;
   bool fSelectLast;
   std::string fNX, fNY;
   Dim fOuter, fLength, fInner;
   std::vector<SizeCheck> fSizeChecks;

public:
   /// \param type the elements' type. \param mode which element. \param axis the axis. \param keepdims whether it stays, as 1.
   /// \param select_last_index which of equal elements. \param nameX the input. \param nameY the indices.
   RArgExtreme(ETensorType type, EArgExtremeMode mode, std::int64_t axis, int keepdims, int select_last_index,
               std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fMode == ArgMax ? "ArgMax" : "ArgMin"; }
   std::vector<std::string> GetKernels() const override { return {"Select"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fAxis > 0; }
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RARGEXTREME
