/// \file RGemm.hxx
/// \ingroup TMVA
/// \brief Products of matrices.

#ifndef TMVA_SOFIE_RGEMM
#define TMVA_SOFIE_RGEMM

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RGemm
/// \ingroup TMVA
/// \brief Y = alpha A' B' + beta C (ONNX's Gemm), or with more than two dimensions the product of stacks of matrices (ONNX's MatMul).
///
/// B as a weight is packed once, with a C of one value a column (kernel Dense); any other B is packed while it is
/// multiplied (kernel MatMul), and any other C is added afterwards.
class RGemm : public ROperator {
private:
   ETensorType fType;
   ETensorType fPackedType = ETensorType::FLOAT; ///< Of B as it is packed.
   double fAlpha;
   double fBeta;
   bool fTransA;
   bool fTransB;
   std::string fNA;
   std::string fNB;
   std::string fNC; ///< "" without C.
   std::string fNY;
   std::string fNAddend;                        ///< Added to the result; or "".
   std::string fPlaces;                         ///< Where its elements are (PlacesCode).
   std::string fFunctor = "Kernel::Identity{}"; ///< Applied to the result.
   std::string fOpType;
   bool fIsDense = false;    ///< B and C are packed weights.
   size_t fChannels = 0;     ///< Where a row of A is an image with its channels last, unlike the lines of B; else 0.
   bool fHasRowsA = false;   ///< All but the last dimension of A are rows of one product.
   std::vector<Dim> fShapeA; ///< Of A, with at least 2 dimensions.
   std::vector<Dim> fShapeB; ///< Of B, with at least 2 dimensions.
   std::vector<Dim> fShapeC;
   std::vector<Dim> fShapeY;    ///< Of Y as it is in the model.
   std::vector<Dim> fShapeFull; ///< Of Y with the dimensions that rank-1 inputs lack.

   std::string StridesOf(const std::vector<Dim> &shape, bool transposed) const;
   std::string GenerateDense() const;
   std::string GenerateMatMul() const;

public:
   /// \param nameC "" without C. \param activation applied to the result.
   RGemm(ETensorType type, double alpha, double beta, int_t transA, int_t transB, std::string nameA, std::string nameB,
         std::string nameC, std::string nameY, EActivationType activation);
   ~RGemm() override;

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override;
   std::vector<std::string> GetKernels() const override;
   Dim GetFlops(const RModel &model) const override;
   std::vector<PackedWeight> GetPackedWeights() const override;
   std::set<std::string> GetPackedInputs() const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;
   bool FuseEpilogue(const ROperator &next) override;
   bool FuseAddition(const ROperator &next, const Addend &addend) override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RGEMM
