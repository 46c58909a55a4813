/// \file ROperator_Trilu.hxx
/// \ingroup TMVA
/// \brief The operator Trilu.

#ifndef TMVA_SOFIE_ROPERATOR_TRILU
#define TMVA_SOFIE_ROPERATOR_TRILU

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Trilu
/// \ingroup TMVA
/// \brief The upper or lower triangles of matrices, and 0 elsewhere.
class ROperator_Trilu final : public ROperator {
private:
   bool fIsUpper;
   std::string fNX;
   std::string fNK; ///< The tensor that holds the diagonal, or "".
   std::string fNY;
   std::string fK; ///< The diagonal as C++.
   ETensorType fType = ETensorType::UNDEFINED;
   std::vector<Dim> fShape;

public:
   /// \param upper whether the upper triangles are kept, else the lower ones. \param nameX the input. \param nameK the tensor of the
   /// last diagonal that is kept, column less row; "" for 0. \param nameY the output.
   ROperator_Trilu(int upper, std::string nameX, std::string nameK, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Trilu"; }
   std::vector<std::string> GetKernels() const override { return {"Pattern"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fShape.size() > 2; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_TRILU
