/// \file RNary.hxx
/// \ingroup TMVA
/// \brief Operators on any number of tensors, element by element.

#ifndef TMVA_SOFIE_RNARY
#define TMVA_SOFIE_RNARY

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The functions of any number of elements.
enum class EBasicNaryOperator { Max, Min, Mean, Sum };

/// \class RNary
/// \ingroup TMVA
/// \brief y = f(x1, x2, ...) with broadcasting, a NaN wherever one of them is.
class RNary : public ROperator {
private:
   ETensorType fType;
   EBasicNaryOperator fOp;
   std::string fOpType;
   std::string fNY;
   std::string fFunctor = "Kernel::Identity{}"; ///< Applied to the result.
   std::vector<std::vector<Dim>> fShapes;       ///< Of the inputs.
   std::vector<Dim> fShapeY;

public:
   /// \param type the elements' type. \param op the function. \param names the inputs. \param nameY the output.
   RNary(ETensorType type, EBasicNaryOperator op, std::vector<std::string> names, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override { return {"Binary"}; }
   Dim GetFlops(const RModel &model) const override { return MulDims(LengthOf(model, fNY), Dim(fShapes.size() - 1)); }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   bool FuseEpilogue(const ROperator &next) override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RNARY
