/// \file RNonZero.hxx
/// \ingroup TMVA
/// \brief Where a tensor is not 0.

#ifndef TMVA_SOFIE_RNONZERO
#define TMVA_SOFIE_RNONZERO

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RNonZero
/// \ingroup TMVA
/// \brief The indices of all elements that are not 0: (rank, as many as there are).
class RNonZero : public ROperator {
private:
   ETensorType fType;
   std::string fNX;
   std::string fNY;
   std::string fCount; ///< The size that depends on data.
   std::vector<Dim> fShape;

public:
   /// \param type the input's type. \param nameX the input. \param nameY the output, int64.
   RNonZero(ETensorType type, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string GenerateSizes(std::string opName) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "NonZero"; }
   std::vector<std::string> GetKernels() const override { return {"Selection"}; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RNONZERO
