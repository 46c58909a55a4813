/// \file ROperator_Basic_Is.hxx
/// \ingroup TMVA
/// \brief The operators IsInf and IsNaN.

#ifndef TMVA_SOFIE_ROPERATOR_BASICIS
#define TMVA_SOFIE_ROPERATOR_BASICIS

#include "TMVA/SOFIE/RPointwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// What a float can be.
enum class EBasicIsOperator { kIsInf, kIsInfPos, kIsInfNeg, kIsNaN };

/// \class ROperator_Basic_Is
/// \ingroup TMVA
/// \brief y = whether x is infinite, or no number.
template <EBasicIsOperator Op>
class ROperator_Basic_Is final : public RPointwise {
private:
   /// The name of the functor.
   static std::string NameOf(EBasicIsOperator op)
   {
      switch (op) {
      case EBasicIsOperator::kIsInf: return "IsInf";
      case EBasicIsOperator::kIsInfPos: return "IsInfPos";
      case EBasicIsOperator::kIsInfNeg: return "IsInfNeg";
      case EBasicIsOperator::kIsNaN: return "IsNaN";
      }
      return "";
   }

public:
   /// \param nameX the input, of a floating type. \param nameY the output.
   ROperator_Basic_Is(std::string nameX, std::string nameY)
      : RPointwise(Op == EBasicIsOperator::kIsNaN ? "IsNaN" : "IsInf", "Kernel::" + NameOf(Op) + "{}",
                   {std::move(nameX)}, {ETensorType::UNDEFINED}, std::move(nameY), ETensorType::BOOL)
   {
   }

   void Initialize(RModel &model) override
   {
      RPointwise::Initialize(model);
      if (GetInputType(0) != ETensorType::FLOAT && GetInputType(0) != ETensorType::DOUBLE)
         Fail("input tensor " + fInputTensorNames[0] + " is of type " + ConvertTypeToString(GetInputType(0)) +
              ", neither float nor double");
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_BASICIS
