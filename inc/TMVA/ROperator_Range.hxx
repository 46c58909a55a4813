/// \file ROperator_Range.hxx
/// \ingroup TMVA
/// \brief The operator Range.

#ifndef TMVA_SOFIE_ROPERATOR_RANGE
#define TMVA_SOFIE_ROPERATOR_RANGE

#include "TMVA/SOFIE/RRange.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Range
/// \ingroup TMVA
/// \brief Numbers from a start, inclusive, to a limit, exclusive, with a step between them.
template <typename T>
class ROperator_Range final : public RRange {
public:
   /// \param start, limit, delta the tensors of start, limit and step. \param nameOutput the output.
   ROperator_Range(std::string start, std::string limit, std::string delta, std::string nameOutput)
      : RRange(GetTemplatedType<T>(), std::move(start), std::move(limit), std::move(delta), std::move(nameOutput))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_RANGE
