/// \file RBlock.hxx
/// \ingroup TMVA
/// \brief The branches and bodies of control flow.

#ifndef TMVA_SOFIE_RBLOCK
#define TMVA_SOFIE_RBLOCK

#include "TMVA/ROperator.hxx"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \brief Operators that run together, possibly not at all or several times. Their tensors are tensors of the model around them.
struct RBlock {
   std::vector<std::string> fInputs;  ///< What whoever runs the block writes before each run.
   std::vector<std::string> fOutputs; ///< What it reads after each run.
   std::vector<std::unique_ptr<ROperator>> fOperators;

   /// Settle the operators, and leave out those whose outputs are constants.
   void Initialize(RModel &model);
   /// The tensors that it reads and neither makes nor has as inputs.
   std::vector<std::string> OuterTensors() const;
   /// All tensors of its own: inputs, results, and scratch.
   std::vector<std::string> OwnTensors() const;
};

/// \brief What an operator with blocks asks the model for when it writes its code.
struct RBlockPrinter {
   std::function<std::string(const RBlock &)> fBlock; ///< The statements of a block.
   /// The statements that give a tensor memory for the size that it has at that place, "" where the size does not depend on data; with
   /// `keep`, the values that it has stay.
   std::function<std::string(const std::string &name, bool keep)> fGrow;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RBLOCK
