/// \file ROperator_ScatterND.hxx
/// \ingroup TMVA
/// \brief The operator ScatterND.

#ifndef TMVA_SOFIE_ROPERATOR_SCATTERND
#define TMVA_SOFIE_ROPERATOR_SCATTERND

#include "TMVA/SOFIE/RIndexed.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_ScatterND
/// \ingroup TMVA
/// \brief x with other slices at tuples of indices.
class ROperator_ScatterND final : public RIndexed {
private:
   std::string fNUpdates;
   std::string fReduction;
   std::string fTuple;
   Dim fLength, fCount, fRun;

public:
   /// \param nameX the input. \param nameI the indices. \param nameU the other slices. \param nameY the output.
   /// \param reduction how they join those of x: none, add, mul, max or min.
   ROperator_ScatterND(std::string nameX, std::string nameI, std::string nameU, std::string nameY,
                       std::string reduction);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "ScatterND"; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SCATTERND
