/// \file ROperator_NonMaxSuppression.hxx
/// \ingroup TMVA
/// \brief The operator NonMaxSuppression.

#ifndef TMVA_SOFIE_ROPERATOR_NONMAXSUPPRESSION
#define TMVA_SOFIE_ROPERATOR_NONMAXSUPPRESSION

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_NonMaxSuppression
/// \ingroup TMVA
/// \brief Boxes by falling score, without those that overlap a better one of their class too much.
class ROperator_NonMaxSuppression final : public ROperator {
private:
   bool fByCenter;
   std::string fNBoxes;
   std::string fNScores;
   std::string fNMost;
   std::string fNOverlap;
   std::string fNLeast;
   std::string fNY;
   std::string fCount; ///< The size that depends on data.
   std::string fOrder; ///< Scratch.
   std::string fFound; ///< Scratch.
   Dim fBatches, fClasses, fSize;

public:
   /// \param byCenter whether a box is given by its center and size, or by two corners. \param nameBoxes the boxes (batch, box, 4).
   /// \param nameScores the scores (batch, class, box). \param nameMost the most boxes of a class, one int64. \param nameOverlap above which
   /// ratio of intersection and union a box goes, one float. \param nameLeast the score that a box must exceed, one float. The last three may
   /// be "". \param nameY rows of (batch, class, box), int64.
   ROperator_NonMaxSuppression(bool byCenter, std::string nameBoxes, std::string nameScores, std::string nameMost,
                               std::string nameOverlap, std::string nameLeast, std::string nameY);

   void Initialize(RModel &model) override;
   std::string GenerateSizes(std::string opName) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "NonMaxSuppression"; }
   std::vector<std::string> GetKernels() const override { return {"Selection"}; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_NONMAXSUPPRESSION
