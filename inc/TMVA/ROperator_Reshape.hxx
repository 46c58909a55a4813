/// \file ROperator_Reshape.hxx
/// \ingroup TMVA
/// \brief The operators Reshape, Flatten, Squeeze and Unsqueeze.

#ifndef TMVA_SOFIE_ROPERATOR_RESHAPE
#define TMVA_SOFIE_ROPERATOR_RESHAPE

#include "TMVA/ROperator.hxx"

#include <cstdint>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The ways to give a tensor another shape.
enum ReshapeOpMode { Reshape, Flatten, Squeeze, Unsqueeze };

/// \class ROperator_Reshape
/// \ingroup TMVA
/// \brief y is x in another shape, in the same memory.
class ROperator_Reshape final : public ROperator {
private:
   ReshapeOpMode fOpMode;
   int fAttribute = 0;                ///< Reshape: allowzero; Flatten: the axis.
   bool fHasValues = false;           ///< The values are given, not a tensor of them.
   std::vector<std::int64_t> fValues; ///< Reshape: the target; Squeeze and Unsqueeze: the axes.
   std::string fNX;
   std::string fNShape; ///< The tensor of the values, or "".
   std::string fNY;

   void ReshapeAtRunTime(RModel &model);
   std::vector<Dim> Reshaped(const std::vector<Dim> &shape, std::vector<Dim> target) const;
   std::vector<Dim> Flattened(const std::vector<Dim> &shape) const;
   std::vector<Dim> Squeezed(const std::vector<Dim> &shape, const std::vector<std::int64_t> &axes) const;
   std::vector<Dim> Unsqueezed(const std::vector<Dim> &shape, const std::vector<std::int64_t> &axes) const;
   std::vector<bool> Marked(const std::vector<std::int64_t> &axes, size_t rank) const;

public:
   /// \param opMode the way. \param attribute of Reshape whether a 0 is a size, of Flatten the axis. \param nameData the input.
   /// \param nameShape the tensor that holds the shape or the axes, or "". \param nameOutput the output.
   ROperator_Reshape(ReshapeOpMode opMode, int attribute, std::string nameData, std::string nameShape,
                     std::string nameOutput);
   /// \param axes of Squeeze and Unsqueeze; of Reshape the shape.
   ROperator_Reshape(ReshapeOpMode opMode, std::vector<std::int64_t> axes, std::string nameData,
                     std::string nameOutput);

   void Initialize(RModel &model) override;
   void ChooseLayout(RModel &model) override;
   std::string Generate(std::string) override { return ""; }
   std::string GetOpType() const override;
   bool ActsOnRows(const std::vector<bool> &) const override
   {
      return true;
   } // where both lead with the batch, rows are rows
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR_RESHAPE
