/// \file ROperator_BasicUnary.hxx
/// \ingroup TMVA
/// \brief The functions of one element.

#ifndef TMVA_SOFIE_ROPERATOR_BASICUNARY
#define TMVA_SOFIE_ROPERATOR_BASICUNARY

#include "TMVA/SOFIE/RElementwise.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The functions of one element.
enum class EBasicUnaryOperator { kReciprocal, kSqrt, kNeg, kExp, kLog, kSin, kCos, kAbs, kSoftplus, kFloor, kErf };

/// \class ROperator_BasicUnary
/// \ingroup TMVA
/// \brief y = f(x).
template <typename T, EBasicUnaryOperator Op>
class ROperator_BasicUnary final : public RElementwise {
private:
   /// The function's name in ONNX, which is that of its functor or is followed by `Of` there.
   static std::string NameOf(EBasicUnaryOperator op)
   {
      switch (op) {
      case EBasicUnaryOperator::kReciprocal: return "Reciprocal";
      case EBasicUnaryOperator::kSqrt: return "Sqrt";
      case EBasicUnaryOperator::kNeg: return "Neg";
      case EBasicUnaryOperator::kExp: return "Exp";
      case EBasicUnaryOperator::kLog: return "Log";
      case EBasicUnaryOperator::kSin: return "Sin";
      case EBasicUnaryOperator::kCos: return "Cos";
      case EBasicUnaryOperator::kAbs: return "Abs";
      case EBasicUnaryOperator::kSoftplus: return "Softplus";
      case EBasicUnaryOperator::kFloor: return "Floor";
      case EBasicUnaryOperator::kErf: return "Erf";
      }
      return "";
   }

public:
   /// \param nameX the input. \param nameY the output.
   ROperator_BasicUnary(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), NameOf(Op),
                     "Kernel::" + NameOf(Op) + (Op == EBasicUnaryOperator::kExp ? "Of{}" : "{}"), std::move(nameX),
                     std::move(nameY))
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_BASICUNARY
