/// \file ROperator_Custom.hxx
/// \ingroup TMVA
/// \brief An operator whose code the user has written.

#ifndef TMVA_SOFIE_ROPERATOR_CUSTOM
#define TMVA_SOFIE_ROPERATOR_CUSTOM

#include "TMVA/SOFIE/RCustom.hxx"

#include <string>
#include <utility>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Custom
/// \ingroup TMVA
/// \brief Calls `<OpName>::Compute(inputs..., outputs...)` of a header of the user's, with pointers or spans.
template <typename T>
class ROperator_Custom final : public RCustom {
public:
   /// \param OpName the namespace with the function Compute. \param Inputs the inputs. \param Outputs the outputs, of type T.
   /// \param OutputShapes their shapes. \param HeaderName the header file that the generated code includes.
   ROperator_Custom(std::string OpName, std::vector<std::string> Inputs, std::vector<std::string> Outputs,
                    std::vector<std::vector<size_t>> OutputShapes, std::string HeaderName)
      : RCustom(GetTemplatedType<T>(), std::move(OpName), std::move(Inputs), std::move(Outputs), ToDims(OutputShapes),
                std::move(HeaderName), {})
   {
   }
   /// The same with named dimensions, and with numbers that are passed before the inputs.
   ROperator_Custom(std::string OpName, std::vector<double> Constants, std::vector<std::string> Inputs,
                    std::vector<std::string> Outputs, std::vector<std::vector<Dim>> OutputShapes,
                    std::string HeaderName)
      : RCustom(GetTemplatedType<T>(), std::move(OpName), std::move(Inputs), std::move(Outputs),
                std::move(OutputShapes), std::move(HeaderName), std::move(Constants))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_CUSTOM
