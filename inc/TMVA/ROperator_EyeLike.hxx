/// \file ROperator_EyeLike.hxx
/// \ingroup TMVA
/// \brief The operator EyeLike.

#ifndef TMVA_SOFIE_ROPERATOR_EYELIKE
#define TMVA_SOFIE_ROPERATOR_EYELIKE

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_EyeLike
/// \ingroup TMVA
/// \brief A matrix of the shape of x with ones on a diagonal.
class ROperator_EyeLike final : public ROperator {
private:
   ETensorType fType;
   int fK;
   std::string fNX;
   std::string fNY;
   std::vector<Dim> fShape;

public:
   /// \param dtype the elements' type, a value of ETensorType; 0 for that of x. \param k the diagonal, column less row.
   /// \param nameX the input. \param nameY the output.
   ROperator_EyeLike(int dtype, int k, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "EyeLike"; }
   std::vector<std::string> GetKernels() const override { return {"Pattern"}; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_EYELIKE
