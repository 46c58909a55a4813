/// \file RRange.hxx
/// \ingroup TMVA
/// \brief The operator Range.

#ifndef TMVA_SOFIE_RRANGE
#define TMVA_SOFIE_RRANGE

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RRange
/// \ingroup TMVA
/// \brief Numbers from a start, inclusive, to a limit, exclusive, with a step between them.
class RRange : public ROperator {
private:
   ETensorType fType;
   std::string fNStart, fNLimit, fNStep;
   std::string fNY;
   std::string fStart, fStep; ///< As C++.
   Dim fLength;
   std::vector<SizeCheck> fSizeChecks;

   double Number(RModel &model, const std::string &name) const;
   Dim FloatLength(RModel &model) const;
   void InitializeAtRunTime(RModel &model);
   Dim SizeLength(RModel &model);

public:
   /// \param type the numbers' type. \param start, limit, step the tensors of these. \param nameY the output.
   RRange(ETensorType type, std::string start, std::string limit, std::string step, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Range"; }
   std::vector<std::string> GetKernels() const override { return {"Pattern"}; }
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RRANGE
