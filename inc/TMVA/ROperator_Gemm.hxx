/// \file ROperator_Gemm.hxx
/// \ingroup TMVA
/// \brief The operators Gemm and MatMul.

#ifndef TMVA_SOFIE_ROPERATOR_GEMM
#define TMVA_SOFIE_ROPERATOR_GEMM

#include "TMVA/SOFIE/RGemm.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_Gemm
/// \ingroup TMVA
/// \brief Y = alpha A' B' + beta C; A' is A, or its transpose where transA is set, likewise B'.
///
/// Without transposes A and B may have any number of dimensions: it is ONNX's MatMul then, with broadcasting.
template <typename T>
class ROperator_Gemm final : public RGemm {
public:
   /// Without C.
   ROperator_Gemm(double alpha, double beta, int_t transA, int_t transB, std::string nameA, std::string nameB,
                  std::string nameY, EActivationType activation = EActivationType::UNDEFINED)
      : RGemm(GetTemplatedType<T>(), alpha, beta, transA, transB, std::move(nameA), std::move(nameB), "",
              std::move(nameY), activation)
   {
   }
   /// With C, which broadcasts to the product's shape; "" for none.
   ROperator_Gemm(double alpha, double beta, int_t transA, int_t transB, std::string nameA, std::string nameB,
                  std::string nameC, std::string nameY, EActivationType activation = EActivationType::UNDEFINED)
      : RGemm(GetTemplatedType<T>(), alpha, beta, transA, transB, std::move(nameA), std::move(nameB), std::move(nameC),
              std::move(nameY), activation)
   {
   }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_GEMM
