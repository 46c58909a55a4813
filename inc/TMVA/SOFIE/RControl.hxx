/// \file RControl.hxx
/// \ingroup TMVA
/// \brief What operators of control flow have in common.

#ifndef TMVA_SOFIE_RCONTROL
#define TMVA_SOFIE_RCONTROL

#include "TMVA/ROperator.hxx"
#include "TMVA/SOFIE/RBlock.hxx"

#include <string>
#include <utility>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RControl
/// \ingroup TMVA
/// \brief An operator whose blocks run when the generated code decides so. Values go in and out of a block by copies.
class RControl : public ROperator {
public:
   bool GrowsOutputs() const override { return true; }

protected:
   /// A copy of one tensor into another, which takes over those sizes that depend on data.
   struct RTransfer {
      std::string fFrom;
      std::string fTo;
      std::vector<std::pair<std::string, std::string>> fSizes; ///< Sizes of the target, and what they become.
      std::string fCode;                                       ///< The copy itself.
   };

   /// Settle the copy. Fails where type, rank or a fixed size differ.
   RTransfer Transfer(const RModel &model, const std::string &from, const std::string &to) const;
   /// The statements of several copies, none of whose sources is a target.
   static std::string Code(const std::vector<RTransfer> &transfers, const RBlockPrinter &printer);
   /// Register what a block reads and makes, so that it has memory while the operator runs.
   void Register(const RBlock &block);
   /// Fail unless the tensor holds one value of the type.
   void RequireScalar(const RModel &model, const std::string &name, ETensorType type) const;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCONTROL
