/// \file ROperator_DFT.hxx
/// \ingroup TMVA
/// \brief The operator DFT.

#ifndef TMVA_SOFIE_ROPERATOR_DFT
#define TMVA_SOFIE_ROPERATOR_DFT

#include "TMVA/ROperator.hxx"

#include <cstdint>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class ROperator_DFT
/// \ingroup TMVA
/// \brief The discrete Fourier transform along one dimension; the last one is of real and imaginary part, or of the real part alone.
class ROperator_DFT final : public ROperator {
private:
   std::int64_t fAxis;
   bool fIsInverse;
   bool fIsOneSided;
   size_t fGivenLength;
   std::string fNX;
   std::string fNY;
   ETensorType fType = ETensorType::UNDEFINED;
   size_t fPlace = 0; ///< Of the dimension.
   std::vector<Dim> fShapeX;
   std::vector<Dim> fShapeY;
   Dim fLength;

public:
   /// \param oneSided whether of the transform of a real signal only the first half is wanted, or given to the inverse one. \param length the
   /// elements that are transformed, more are 0 and fewer are the first ones; 0: all.
   ROperator_DFT(std::int64_t axis, int inverse, int oneSided, size_t length, std::string nameX, std::string nameY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "DFT"; }
   std::vector<std::string> GetKernels() const override { return {"Fourier"}; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fPlace > 0; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_DFT
