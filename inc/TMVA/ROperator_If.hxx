/// \file ROperator_If.hxx
/// \ingroup TMVA
/// \brief The operator If.

#ifndef TMVA_SOFIE_ROPERATOR_IF
#define TMVA_SOFIE_ROPERATOR_IF

#include "TMVA/SOFIE/RControl.hxx"

#include <memory>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_If
/// \ingroup TMVA
/// \brief One of two branches, as the condition says at run time. Branches may give outputs of unlike sizes, but of one rank.
class ROperator_If final : public RControl {
private:
   std::string fNX;
   std::unique_ptr<RModel> fModels[2]; ///< Until Initialize: then, else.
   RBlock fBlocks[2];
   std::vector<RTransfer> fResults[2];

public:
   /// \param nameX the condition, one bool. \param nameYs the outputs. \param thenBranch and \param elseBranch models without inputs, whose
   /// operators may read tensors of the model around them.
   ROperator_If(std::string nameX, std::vector<std::string> nameYs, std::unique_ptr<RModel> thenBranch,
                std::unique_ptr<RModel> elseBranch);
   ~ROperator_If() override;

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GenerateControl(const std::string &opName, const RBlockPrinter &printer) override;
   std::vector<RBlock *> GetBlocks() override { return {&fBlocks[0], &fBlocks[1]}; }
   std::string GetOpType() const override { return "If"; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_IF
