/// \file RRepeat.hxx
/// \ingroup TMVA
/// \brief The operators Expand and Tile.

#ifndef TMVA_SOFIE_RREPEAT
#define TMVA_SOFIE_RREPEAT

#include "TMVA/SOFIE/RMove.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RRepeat
/// \ingroup TMVA
/// \brief x again and again: broadcast to a shape (Expand), or a number of times along each dimension (Tile).
class RRepeat : public RMove {
private:
   bool fIsTile;
   std::string fNSizes; ///< The tensor of the shape or of the numbers.
   std::string fNY;

   void Expand(RModel &model, const std::vector<Dim> &shape, const std::vector<Dim> &target);
   void ExpandAtRunTime(RModel &model, const std::vector<Dim> &shape);
   void ExpandTo(RModel &model, const std::vector<Dim> &shape, const std::vector<Dim> &result);
   void Tile(RModel &model, const std::vector<Dim> &shape, const std::vector<Dim> &repeats);

public:
   /// \param type the elements' type. \param isTile Tile, else Expand. \param nameX the input. \param nameSizes the tensor of the shape
   /// or of the numbers. \param nameY the output.
   RRepeat(ETensorType type, bool isTile, std::string nameX, std::string nameSizes, std::string nameY);

   void Initialize(RModel &model) override;
   std::string GetOpType() const override { return fIsTile ? "Tile" : "Expand"; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RREPEAT
