/// \file ROperator_Constant.hxx
/// \ingroup TMVA
/// \brief The operators Constant and ConstantOfShape.

#ifndef TMVA_SOFIE_ROPERATOR_CONSTANT
#define TMVA_SOFIE_ROPERATOR_CONSTANT

#include "TMVA/SOFIE/RConstant.hxx"

#include <algorithm>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Constant
/// \ingroup TMVA
/// \brief A tensor of the model's own, in the generated code.
template <typename T>
class ROperator_Constant final : public RConstant {
private:
   static std::shared_ptr<void> CopyOf(const std::vector<T> &values)
   {
      std::shared_ptr<T> copy(new T[values.size() + 1](), std::default_delete<T[]>());
      std::copy(values.begin(), values.end(), copy.get());
      return copy;
   }

public:
   /// \param values the elements; one where they are equal. \param shape the tensor's shape. \param nameX the tensor that holds the
   /// shape instead, or "". \param nameY the output.
   ROperator_Constant(const std::string & /*type*/, const std::vector<T> &values, const std::vector<size_t> &shape,
                      std::string nameX, std::string nameY)
      : RConstant(GetTemplatedType<T>(), CopyOf(values), values.size(), shape, std::move(nameX), std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CONSTANT
