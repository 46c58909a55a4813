/// \file ROperator_Slice.hxx
/// \ingroup TMVA
/// \brief The operator Slice.

#ifndef TMVA_SOFIE_ROPERATOR_SLICE
#define TMVA_SOFIE_ROPERATOR_SLICE

#include "TMVA/SOFIE/RMove.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Slice
/// \ingroup TMVA
/// \brief A part of x: along each axis from a start, inclusive, to an end, exclusive, in steps.
///
/// Starts and ends below 0 count from the end of the dimension, and beyond it are its end. Along a dimension with a name, a start or
/// an end lies within it: what that demands of the size is checked when it is given.
class ROperator_Slice final : public RMove {
private:
   std::vector<std::string> fNames; ///< The tensors that hold starts, ends, axes and steps.
   std::vector<std::int64_t> fStarts, fEnds, fAxes;
   std::string fNY;

   struct RRange {
      Dim fStart, fCount;
   };

   std::vector<Dim> Values(RModel &model, size_t which, const std::vector<std::int64_t> &given) const;
   Dim Bound(Dim value, const Dim &size, bool isEnd, bool isForward);
   bool IsRead(RModel &model, size_t which) const;
   std::vector<std::string> Expressions(RModel &model, size_t which);
   RRange RangeAtRunTime(RModel &model, const std::string &start, const std::string &end, std::int64_t step,
                         const Dim &size);
   RRange Range(const Dim &start, const Dim &end, std::int64_t step, const Dim &size);
   void RequireOrder(const Dim &less, const Dim &more, const std::string &what);

public:
   /// \param nameData the input. \param names the tensors of starts, ends, axes and steps; the last two may be left out or "".
   /// \param nameOutput the output.
   ROperator_Slice(std::string nameData, std::vector<std::string> names, std::string nameOutput);
   /// \param nameData the input. \param starts, ends the bounds. \param axes the dimensions, or {} for the first ones.
   /// \param nameOutput the output.
   ROperator_Slice(std::string nameData, std::vector<std::int64_t> starts, std::vector<std::int64_t> ends,
                   std::vector<std::int64_t> axes, std::string nameOutput);

   void Initialize(RModel &model) override;
   std::string GetOpType() const override { return "Slice"; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SLICE
