/// \file RIndexed.hxx
/// \ingroup TMVA
/// \brief Operators that read or write at places which are numbers in another tensor.

#ifndef TMVA_SOFIE_RINDEXED
#define TMVA_SOFIE_RINDEXED

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RIndexed
/// \ingroup TMVA
/// \brief What gathers and scatters share.
class RIndexed : public ROperator {
public:
   std::vector<std::string> GetKernels() const override { return {"Index"}; }
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }

protected:
   std::string fNX;                            ///< What is read or changed.
   std::string fNIndices;                      ///< The indices.
   std::string fNY;                            ///< The output.
   ETensorType fType = ETensorType::UNDEFINED; ///< The type of x and y.
   std::string fIndexType;                     ///< The C++ type of the indices.
   std::vector<SizeCheck> fSizeChecks;         ///< What named dimensions must not be.

   RIndexed(std::string nameX, std::string nameIndices, std::string nameY);

   /// Fail unless x and the indices are there, and these are integers.
   void RequireIndices(const RModel &model);
   /// Fail where constant indices are not in a dimension of known size, before anything is computed.
   void CheckIndices(RModel &model, const Dim &size) const;
   /// Fail unless the indices have no more places than x in any dimension but the axis.
   void RequireFitting(const std::vector<Dim> &shapeX, const std::vector<Dim> &shapeI, size_t axis, int given);
   /// `Kernel::Isa<W>::template Call<Kernel::NAME<type, MORE>>(`.
   std::string CallCode(const std::string &kernel, const std::string &more) const;
   /// The operator's name and place as a C++ string literal.
   std::string NameCode() const;
   /// The functor of a reduction: none, add, mul, max or min.
   std::string ReductionCode(const std::string &reduction) const;

   /// The loops of kernels that move along one dimension by indices in a tensor of the shape of y, or of the updates.
   struct RAlong {
      std::string fLoop; ///< Over all dimensions but the last.
      Dim fRun;          ///< The last one.
      Dim fStep;         ///< The elements of x that its steps move over.
      Dim fSize;         ///< Of x along the dimension.
      Dim fStride;       ///< The elements of x that an index moves over.

      /// As arguments.
      std::string Code() const;
   };
   static RAlong Along(const std::vector<Dim> &shapeX, const std::vector<Dim> &shape, size_t axis);
   /// The dimensions from `first` on, `count` of them, that tuples of indices run over, as `Kernel::Loop<D, 1>{...}`.
   static std::string TupleCode(const std::vector<Dim> &shape, size_t first, size_t count);
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RINDEXED
