/// \file RElementwise.hxx
/// \ingroup TMVA
/// \brief Operators that apply one function to each element.

#ifndef TMVA_SOFIE_RELEMENTWISE
#define TMVA_SOFIE_RELEMENTWISE

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The functor of an activation that an operator applies to its own output, with ROOT's default for a parameter; "" of SOFTMAX, which
/// is no function of one element.
std::string ActivationFunctor(EActivationType activation);

/// \class RElementwise
/// \ingroup TMVA
/// \brief y = f(x), element by element; f is a functor of kernels/Elementwise.hxx or Functions.hxx. It is computed by the operator before it where
/// that can do so.
class RElementwise : public ROperator {
private:
   ETensorType fType;
   std::string fOpType;
   std::string fFunctor; ///< A C++ expression.
   std::string fKernel;  ///< The file that its functor is in.
   std::string fNX;
   std::string fNY;
   std::vector<Dim> fShape;

public:
   /// \param type the elements' type. \param opType the ONNX name. \param functor an expression of a functor of kernels/Elementwise.hxx,
   /// or of \param kernel another file.
   RElementwise(ETensorType type, std::string opType, std::string functor, std::string nameX, std::string nameY,
                std::string kernel = "Elementwise");
   ~RElementwise() override;

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override;
   std::vector<std::string> GetKernels() const override;
   Dim GetFlops(const RModel &model) const override;
   bool ActsOnRows(const std::vector<bool> &) const override { return true; }
   std::string GetEpilogue() const override;
   bool FuseEpilogue(const ROperator &next) override;

protected:
   /// A functor of one parameter or two that holds them in the elements' type.
   static std::string Parametrised(const std::string &functor, ETensorType type, const std::vector<double> &parameters);
   /// Change the function, in a constructor or in Initialize.
   void SetFunctor(std::string functor) { fFunctor = std::move(functor); }
   /// The elements' type.
   ETensorType GetType() const { return fType; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RELEMENTWISE
