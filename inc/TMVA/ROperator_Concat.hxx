/// \file ROperator_Concat.hxx
/// \ingroup TMVA
/// \brief The operator Concat.

#ifndef TMVA_SOFIE_ROPERATOR_CONCAT
#define TMVA_SOFIE_ROPERATOR_CONCAT

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Concat
/// \ingroup TMVA
/// \brief The inputs one after another along an axis, or stacked along a new one.
class ROperator_Concat final : public ROperator {
private:
   int fAxis;
   bool fNewAxis;
   bool fIsView = false; ///< There is one input.
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fOuter;             ///< The places where each input has a run.
   std::vector<Dim> fRuns; ///< The length of each input's runs.

public:
   /// \param inputs the inputs. \param axis the axis. \param newAxis whether it is a new one (ONNX's ConcatFromSequence).
   /// \param output the output.
   ROperator_Concat(std::vector<std::string> inputs, int axis, int newAxis, std::string output);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Concat"; }
   std::vector<std::string> GetKernels() const override { return {"Copy"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fAxis != 0; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CONCAT
