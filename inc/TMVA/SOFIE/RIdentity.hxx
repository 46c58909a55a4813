/// \file RIdentity.hxx
/// \ingroup TMVA
/// \brief The operator Identity.

#ifndef TMVA_SOFIE_RIDENTITY
#define TMVA_SOFIE_RIDENTITY

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RIdentity
/// \ingroup TMVA
/// \brief y = x, in the same memory.
class RIdentity : public ROperator {
private:
   std::string fNX;
   std::string fNY;

public:
   /// \param nameX the input. \param nameY the output.
   RIdentity(std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string) override { return ""; }
   std::string GetOpType() const override { return "Identity"; }
   bool ActsOnRows(const std::vector<bool> &) const override { return true; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RIDENTITY
