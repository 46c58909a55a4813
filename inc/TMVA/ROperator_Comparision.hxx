/// \file ROperator_Comparision.hxx
/// \ingroup TMVA
/// \brief The operators Equal, Less, LessOrEqual, Greater and GreaterOrEqual.

#ifndef TMVA_SOFIE_ROPERATOR_COMPARISION
#define TMVA_SOFIE_ROPERATOR_COMPARISION

#include "TMVA/SOFIE/RPointwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The comparisons; the name is spelt as in ROOT.
enum EComparisionOperator { Eq, Less, LessEq, Greater, GreaterEq };

/// \class ROperator_Comparision
/// \ingroup TMVA
/// \brief y = whether a is equal to b, less than it and so on, with broadcasting.
template <typename T, EComparisionOperator Op>
class ROperator_Comparision final : public RPointwise {
private:
   /// The name in ONNX, which is that of the functor.
   static std::string NameOf(EComparisionOperator op)
   {
      switch (op) {
      case Eq: return "Equal";
      case Less: return "Less";
      case LessEq: return "LessOrEqual";
      case Greater: return "Greater";
      case GreaterEq: return "GreaterOrEqual";
      }
      return "";
   }

public:
   /// \param nameX1 the left input. \param nameX2 the right one. \param nameY the output.
   ROperator_Comparision(std::string nameX1, std::string nameX2, std::string nameY)
      : RPointwise(NameOf(Op), "Kernel::" + NameOf(Op) + "{}", {std::move(nameX1), std::move(nameX2)},
                   {GetTemplatedType<T>(), GetTemplatedType<T>()}, std::move(nameY), ETensorType::BOOL)
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_COMPARISION
