/// \file RConstant.hxx
/// \ingroup TMVA
/// \brief The operators Constant and ConstantOfShape.

#ifndef TMVA_SOFIE_RCONSTANT
#define TMVA_SOFIE_RCONSTANT

#include "TMVA/ROperator.hxx"

#include <memory>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RConstant
/// \ingroup TMVA
/// \brief A tensor of the model's own: values and shape given, or one value for a shape that is the contents of another tensor.
class RConstant : public ROperator {
private:
   ETensorType fType;
   std::shared_ptr<void> fValues;
   size_t fCount;
   std::vector<size_t> fShape;
   std::string fNX; ///< The tensor that holds the shape, or "".
   std::string fNY;
   Dim fLength;          ///< The elements, where they are filled at run time.
   std::string fLiteral; ///< With this.

   std::shared_ptr<void> Repeated(size_t length) const;

public:
   /// \param type the elements' type. \param values of that type. \param count their number. \param shape the tensor's shape.
   /// \param nameX the tensor that holds the shape, or "". \param nameY the output.
   RConstant(ETensorType type, std::shared_ptr<void> values, size_t count, std::vector<size_t> shape, std::string nameX,
             std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fNX.empty() ? "Constant" : "ConstantOfShape"; }
   std::vector<std::string> GetKernels() const override { return {"Copy"}; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCONSTANT
