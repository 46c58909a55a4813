/// \file ROperator_TopK.hxx
/// \ingroup TMVA
/// \brief The operator TopK.

#ifndef TMVA_SOFIE_ROPERATOR_TOPK
#define TMVA_SOFIE_ROPERATOR_TOPK

#include "TMVA/SOFIE/RTopK.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_TopK
/// \ingroup TMVA
/// \brief The greatest or the least elements along an axis, in order, and their indices.
template <typename T>
class ROperator_TopK final : public RTopK {
public:
   /// \param axis the axis. \param largest whether the greatest, else the least. \param sorted taken for true: they are in order anyway.
   /// \param nameK the tensor of their number. \param nameX the input. \param nameVal the elements. \param nameInd their indices.
   ROperator_TopK(int axis, int largest, int sorted, std::string nameK, std::string nameX, std::string nameVal,
                  std::string nameInd)
      : RTopK(GetTemplatedType<T>(), axis, largest, sorted, std::move(nameK), std::move(nameX), std::move(nameVal),
              std::move(nameInd))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_TOPK
