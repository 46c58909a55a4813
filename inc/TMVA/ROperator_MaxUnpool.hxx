/// \file ROperator_MaxUnpool.hxx
/// \ingroup TMVA
/// \brief The operator MaxUnpool.

#ifndef TMVA_SOFIE_ROPERATOR_MAXUNPOOL
#define TMVA_SOFIE_ROPERATOR_MAXUNPOOL

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_MaxUnpool
/// \ingroup TMVA
/// \brief The maxima of MaxPool back in their places, 0 elsewhere.
///
/// Indices count the elements of the output that follows from the windows, which stands in the corner of a larger one.
class ROperator_MaxUnpool final : public ROperator {
private:
   std::vector<size_t> fKernelShape;
   std::vector<size_t> fPads;
   std::vector<size_t> fStrides;
   std::vector<size_t> fOutputShape;
   std::string fNX;
   std::string fNIndices;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   Dim fLength; ///< The elements of x.
   std::vector<Dim> fPlaces;
   std::vector<Dim> fShapeY;

public:
   /// \param pads all before the input, then all behind it; empty: 0. \param strides empty: 1. \param outputShape that of y, or empty.
   ROperator_MaxUnpool(std::vector<size_t> kernelShape, std::vector<size_t> pads, std::vector<size_t> strides,
                       std::vector<size_t> outputShape, std::string nameX, std::string nameIndices, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "MaxUnpool"; }
   std::vector<std::string> GetKernels() const override { return {"Unpool"}; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_MAXUNPOOL
