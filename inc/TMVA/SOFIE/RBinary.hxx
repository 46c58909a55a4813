/// \file RBinary.hxx
/// \ingroup TMVA
/// \brief Operators on two tensors, element by element.

#ifndef TMVA_SOFIE_RBINARY
#define TMVA_SOFIE_RBINARY

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The functions of two elements.
enum EBasicBinaryOperator {
   Add,
   Sub,
   Mul,
   Div,
   Pow,
   Mod,        ///< The remainder with the sign of the divisor.
   FMod,       ///< The remainder with the sign of the dividend.
   BitwiseAnd, ///< Of truth values it is And.
   BitwiseOr,  ///< Of truth values it is Or.
   BitwiseXor, ///< Of truth values it is Xor.
   ShiftLeft,
   ShiftRight,
   PRelu ///< a where it is not negative, else a b; b broadcasts to a.
};

/// \class RBinary
/// \ingroup TMVA
/// \brief y = f(a, b) with broadcasting. With a number for one of them it is a function of the other, which the operator before
/// it can compute.
class RBinary : public ROperator {
private:
   ETensorType fType;
   ETensorType fTypeB; ///< Another one of an exponent only.
   EBasicBinaryOperator fOp;
   std::string fName; ///< Of the functor.
   std::string fOpType;
   std::string fNA;
   std::string fNB;
   std::string fNY;
   std::string fNumber;                         ///< A functor of the other input alone, or "".
   std::string fFunctor = "Kernel::Identity{}"; ///< Applied to the result.
   std::vector<Dim> fShapeA;
   std::vector<Dim> fShapeB;
   std::vector<Dim> fShapeY;
   bool fIsWeightA = false;
   bool fIsWeightB = false;

   bool TakeNumber(RModel &model);
   bool FitsChannelsLast(const RModel &model, const std::string &name, std::vector<Dim> &shape) const;

public:
   /// \param type the elements' type. \param op the function. \param nameA the left input. \param nameB the right one. \param nameY the output.
   RBinary(ETensorType type, EBasicBinaryOperator op, std::string nameA, std::string nameB, std::string nameY);

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override;
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   std::string GetEpilogue() const override { return fNumber; }
   bool FuseEpilogue(const ROperator &next) override;
   std::optional<Addend> GetAddend(const std::string &input) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RBINARY
