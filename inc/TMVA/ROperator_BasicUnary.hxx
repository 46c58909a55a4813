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
enum class EBasicUnaryOperator {
   kReciprocal,
   kSqrt,
   kNeg,
   kExp,
   kLog,
   kSin,
   kCos,
   kAbs,
   kSoftplus,
   kAtan,
   kFloor,
   kErf,
   kAcos,
   kAcosh,
   kAsin,
   kAsinh,
   kAtanh,
   kBitwiseNot,
   kCeil,
   kCosh,
   kMish,
   kRound,
   kSign,
   kSinh,
   kSoftsign,
   kTan
};

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
      case EBasicUnaryOperator::kAtan: return "Atan";
      case EBasicUnaryOperator::kFloor: return "Floor";
      case EBasicUnaryOperator::kErf: return "Erf";
      case EBasicUnaryOperator::kAcos: return "Acos";
      case EBasicUnaryOperator::kAcosh: return "Acosh";
      case EBasicUnaryOperator::kAsin: return "Asin";
      case EBasicUnaryOperator::kAsinh: return "Asinh";
      case EBasicUnaryOperator::kAtanh: return "Atanh";
      case EBasicUnaryOperator::kBitwiseNot: return "BitwiseNot";
      case EBasicUnaryOperator::kCeil: return "Ceil";
      case EBasicUnaryOperator::kCosh: return "Cosh";
      case EBasicUnaryOperator::kMish: return "Mish";
      case EBasicUnaryOperator::kRound: return "Round";
      case EBasicUnaryOperator::kSign: return "Sign";
      case EBasicUnaryOperator::kSinh: return "Sinh";
      case EBasicUnaryOperator::kSoftsign: return "Softsign";
      case EBasicUnaryOperator::kTan: return "Tan";
      }
      return "";
   }

   /// Whether its functor is among those that nearly every network has.
   static bool IsCommon(EBasicUnaryOperator op)
   {
      switch (op) {
      case EBasicUnaryOperator::kReciprocal:
      case EBasicUnaryOperator::kSqrt:
      case EBasicUnaryOperator::kNeg:
      case EBasicUnaryOperator::kExp:
      case EBasicUnaryOperator::kLog:
      case EBasicUnaryOperator::kAbs: return true;
      default: return false;
      }
   }

public:
   /// \param nameX the input. \param nameY the output.
   ROperator_BasicUnary(std::string nameX, std::string nameY)
      : RElementwise(GetTemplatedType<T>(), NameOf(Op),
                     "Kernel::" + NameOf(Op) + (Op == EBasicUnaryOperator::kExp ? "Of{}" : "{}"), std::move(nameX),
                     std::move(nameY), IsCommon(Op) ? "Elementwise" : "Functions")
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_BASICUNARY
