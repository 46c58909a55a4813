/// \file RReduce.hxx
/// \ingroup TMVA
/// \brief Reductions along dimensions.

#ifndef TMVA_SOFIE_RREDUCE
#define TMVA_SOFIE_RREDUCE

#include "TMVA/ROperator.hxx"

#include <cstdint>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The reductions.
enum EReduceOpMode {
   ReduceMean,
   ReduceSum,
   ReduceSumSquare,
   ReduceProd,
   ReduceMax,
   ReduceMin,
   ReduceL2,
   ReduceL1,
   ReduceLogSum,
   ReduceLogSumExp,
   InvalidReduceOp
};

/// \class RReduce
/// \ingroup TMVA
/// \brief One value from the elements along some dimensions. Sums and products of floats are computed in double.
class RReduce : public ROperator {
private:
   ETensorType fType;
   EReduceOpMode fMode;
   bool fKeepDims;
   std::vector<std::int64_t> fAxes; ///< Empty: all.
   std::string fNX;
   std::string fNAxes; ///< The tensor that holds the axes, or "".
   std::string fNY;
   std::vector<bool> fIsReduced;               ///< Of the input's dimensions.
   bool fKeepsRows = false;                    ///< The leading dimension is not reduced.
   bool fIsRows = false;                       ///< The last dimensions are reduced.
   Dim fRun;                                   ///< The last dimensions, all reduced or all kept.
   Dim fCount;                                 ///< The elements that make one value.
   std::vector<Dim> fKept, fKeptStrides;       ///< The loops over what is kept.
   std::vector<Dim> fReduced, fReducedStrides; ///< The loops over what is reduced.

   std::string Wide() const;
   std::string Extreme(const std::string &sign) const;
   void Split(const std::vector<Dim> &shape);

public:
   /// \param type the elements' type. \param mode the reduction. \param keepdims whether reduced dimensions stay, as 1.
   /// \param axes the dimensions, or {} for all. \param nameX the input. \param nameAxes a tensor that holds the axes instead, or "".
   /// \param nameY the output.
   RReduce(ETensorType type, EReduceOpMode mode, int keepdims, std::vector<std::int64_t> axes, std::string nameX,
           std::string nameAxes, std::string nameY);

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override;
   std::vector<std::string> GetKernels() const override { return {"Reduce"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNX); }
   bool ActsOnRows(const std::vector<bool> &) const override { return fKeepsRows; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RREDUCE
