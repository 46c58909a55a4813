/// \file REinsum.hxx
/// \ingroup TMVA
/// \brief Sums of products over any indices.

#ifndef TMVA_SOFIE_REINSUM
#define TMVA_SOFIE_REINSUM

#include "TMVA/ROperator.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class REinsum
/// \ingroup TMVA
/// \brief ONNX's Einsum: the product of all inputs, summed over the indices that the output does not have.
///
/// Where two inputs have the form of matrices, it is a product of matrices (kernel MatMul); anything else is done by loops.
class REinsum : public ROperator {
private:
   /// One index of the equation.
   struct RIndex {
      std::string fLabel; ///< A letter; of dimensions that `...` stands for, their number counted from the back.
      Dim fSize;
      std::vector<Dim> fStrides; ///< In each input; 0 where it does not have the index.
   };

   ETensorType fType;
   std::string fEquation;
   std::vector<std::string> fNX;
   std::string fNY;
   std::vector<std::vector<Dim>> fShapes;
   std::vector<RIndex> fKept;   ///< In the output's order.
   std::vector<RIndex> fSummed; ///< The others.
   bool fIsMatMul = false;
   size_t fLeft = 0;      ///< The input whose index is that of the rows.
   bool fHasRows = false; ///< The last index but one is that of the rows.

   std::vector<std::string> LabelsOf(const std::string &term, size_t rank, bool isOutput) const;
   void Settle();
   bool HasIndex(const RIndex &index, size_t input) const { return index.fStrides[input] != Dim(size_t(0)); }
   void MergeSums();
   void FindMatrices();
   std::string LoopsCode(const std::vector<RIndex> &indices) const;
   std::string MatMulCode() const;

public:
   /// \param equation as in ONNX and numpy. \param namesX the inputs. \param nameY the output.
   REinsum(ETensorType type, std::string equation, std::vector<std::string> namesX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Einsum"; }
   std::vector<std::string> GetKernels() const override { return {fIsMatMul ? "Gemm" : "Einsum"}; }
   Dim GetFlops(const RModel &model) const override;
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_REINSUM
