/// \file ROperator_Transpose.hxx
/// \ingroup TMVA
/// \brief The operator Transpose.

#ifndef TMVA_SOFIE_ROPERATOR_TRANSPOSE
#define TMVA_SOFIE_ROPERATOR_TRANSPOSE

#include "TMVA/ROperator.hxx"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Transpose
/// \ingroup TMVA
/// \brief y with the dimensions of x in another order: dimension i of y is dimension perm[i] of x.
class ROperator_Transpose final : public ROperator {
private:
   std::vector<std::int64_t> fPerm; ///< Empty: the dimensions reversed.
   bool fIsReversed = false;
   bool fIsView = false; ///< No element moves.
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   std::vector<Dim> fSizes;   ///< Of y, neighbours that stay together merged.
   std::vector<Dim> fStrides; ///< Of x, along them.

   bool IsToLast(size_t places) const;
   void Merge(const std::vector<Dim> &shape);
   std::shared_ptr<void> Moved(const std::vector<size_t> &shape, void const *data) const;

public:
   /// \param perm the order. \param nameData the input. \param nameOutput the output.
   ROperator_Transpose(std::vector<std::int64_t> perm, std::string nameData, std::string nameOutput);
   /// Reverse the dimensions.
   ROperator_Transpose(std::string nameData, std::string nameOutput);

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Transpose"; }
   std::vector<std::string> GetKernels() const override { return {"Copy"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return !fPerm.empty() && fPerm[0] == 0; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_TRANSPOSE
