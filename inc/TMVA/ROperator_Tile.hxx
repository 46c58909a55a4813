/// \file ROperator_Tile.hxx
/// \ingroup TMVA
/// \brief The operator Tile.

#ifndef TMVA_SOFIE_ROPERATOR_TILE
#define TMVA_SOFIE_ROPERATOR_TILE

#include "TMVA/SOFIE/RRepeat.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Tile
/// \ingroup TMVA
/// \brief x a number of times along each dimension.
template <typename T>
class ROperator_Tile final : public RRepeat {
public:
   /// \param nameRepeat the tensor of the numbers. \param nameInput the input. \param nameY the output.
   ROperator_Tile(std::string nameRepeat, std::string nameInput, std::string nameY)
      : RRepeat(GetTemplatedType<T>(), true, std::move(nameInput), std::move(nameRepeat), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_TILE
