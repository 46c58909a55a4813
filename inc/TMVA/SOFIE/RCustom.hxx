/// \file RCustom.hxx
/// \ingroup TMVA
/// \brief An operator whose code the user has written.

#ifndef TMVA_SOFIE_RCUSTOM
#define TMVA_SOFIE_RCUSTOM

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RCustom
/// \ingroup TMVA
/// \brief Calls `<name>::Compute(constants..., inputs..., outputs...)` of a header of the user's. Tensors are passed as Kernel::View, which
/// converts to pointers and to std::span.
class RCustom : public ROperator {
private:
   ETensorType fType;
   std::string fOpName;
   std::vector<std::vector<Dim>> fShapes;
   std::string fHeader;
   std::vector<double> fConstants;
   std::vector<std::string> fArguments;

public:
   /// \param type the outputs' type. \param opName the namespace with the function Compute, possibly nested. \param inputs the inputs.
   /// \param outputs the outputs. \param shapes their shapes. \param header the header file. \param constants numbers that come first.
   /// \throws std::runtime_error if opName is no name in C++.
   RCustom(ETensorType type, std::string opName, std::vector<std::string> inputs, std::vector<std::string> outputs,
           std::vector<std::vector<Dim>> shapes, std::string header, std::vector<double> constants);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string Header() override { return fHeader; }
   std::string GetOpType() const override { return fOpName; }
   std::vector<std::string> GetKernels() const override { return {"View"}; }

protected:
   /// Fixed shapes.
   static std::vector<std::vector<Dim>> ToDims(const std::vector<std::vector<size_t>> &shapes);
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCUSTOM
