/// \file ROperator_ReverseSequence.hxx
/// \ingroup TMVA
/// \brief The operator ReverseSequence.

#ifndef TMVA_SOFIE_ROPERATOR_REVERSESEQUENCE
#define TMVA_SOFIE_ROPERATOR_REVERSESEQUENCE

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_ReverseSequence
/// \ingroup TMVA
/// \brief x with the beginning of each sequence reversed.
class ROperator_ReverseSequence final : public RIndexed {
private:
   bool fTimeFirst;
   Dim fTimes, fBatches, fRun;

public:
   /// \param batch_axis, time_axis 0 and 1 or 1 and 0. \param nameX the input. \param nameLengths how much of each sequence is reversed.
   /// \param nameY the output.
   ROperator_ReverseSequence(int batch_axis, int time_axis, std::string nameX, std::string nameLengths,
                             std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "ReverseSequence"; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_REVERSESEQUENCE
