/// \file ROperator_Shape.hxx
/// \ingroup TMVA
/// \brief The operator Shape.

#ifndef TMVA_SOFIE_ROPERATOR_SHAPE
#define TMVA_SOFIE_ROPERATOR_SHAPE

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Shape
/// \ingroup TMVA
/// \brief The sizes of the dimensions of x: a constant, or a tensor of dimensions where some have names.
class ROperator_Shape final : public ROperator {
private:
   int fStart;
   int fEnd;
   std::string fNX;
   std::string fNY;
   std::string fCode; ///< Where sizes depend on data.

public:
   /// \param start the first dimension. \param end the one behind the last; both may count from the end. \param nameX the input.
   /// \param nameY the output.
   ROperator_Shape(int start, int end, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string) override { return fCode; }
   std::string GetOpType() const override { return "Shape"; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_SHAPE
