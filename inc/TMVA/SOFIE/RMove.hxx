/// \file RMove.hxx
/// \ingroup TMVA
/// \brief Operators whose outputs are elements of one input, at places that are linear in the indices.

#ifndef TMVA_SOFIE_RMOVE
#define TMVA_SOFIE_RMOVE

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RMove
/// \ingroup TMVA
/// \brief What slices, splits, repetitions and expansions share: each output is written in order, from places of x that begin
/// somewhere and move by a fixed stride along each dimension.
class RMove : public ROperator {
private:
   /// One output that is copied.
   struct RPlaces {
      std::string fNY;
      std::vector<Dim> fSizes;   ///< The steps along each dimension, neighbours merged.
      std::vector<Dim> fStrides; ///< The elements of x that a step moves over; 0 repeats, a negative one goes back.
      Dim fBegin;                ///< The first element of x.
   };

   std::vector<RPlaces> fMoves;
   std::vector<SizeCheck> fSizeChecks;

public:
   std::string Generate(std::string opName) override;
   std::vector<std::string> GetKernels() const override { return {"Copy"}; }
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }
   bool ActsOnRows(const std::vector<bool> &) const override { return fKeepsRows; }

protected:
   std::string fNX;                            ///< The input.
   ETensorType fType = ETensorType::UNDEFINED; ///< Its type.
   bool fKeepsRows = false;                    ///< Nothing moves along the leading dimension.

   /// Register the output nameY. \param shapeY its shape. \param sizes, strides how x is read; the sizes' product is that of shapeY.
   /// \param begin the first element that is read.
   void AddMove(RModel &model, const std::string &nameY, const std::vector<Dim> &shapeY, const std::vector<Dim> &sizes,
                const std::vector<Dim> &strides, const Dim &begin);
   /// Fail where the integers are known and differ from what is wanted; else have that checked when sizes are given.
   /// \param isWrong a C++ expression over named dimensions. \param message what is wrong.
   void CheckSizes(const std::string &isWrong, const std::string &message);
};

/// A dimension as a signed integer in C++.
std::string SignedText(const Dim &dim);

/// Whether the dimension is a number or expression all of whose terms are negative.
bool IsNegative(const Dim &dim);

/// Whether the dimension cannot be negative, whatever the named ones are.
bool IsNeverNegative(const Dim &dim);

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RMOVE
