#include "TMVA/ROperator_NonMaxSuppression.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_NonMaxSuppression::ROperator_NonMaxSuppression(bool byCenter, std::string nameBoxes, std::string nameScores,
                                                         std::string nameMost, std::string nameOverlap,
                                                         std::string nameLeast, std::string nameY)
   : fByCenter(byCenter), fNBoxes(UTILITY::Clean_name(std::move(nameBoxes))),
     fNScores(UTILITY::Clean_name(std::move(nameScores))), fNMost(UTILITY::Clean_name(std::move(nameMost))),
     fNOverlap(UTILITY::Clean_name(std::move(nameOverlap))), fNLeast(UTILITY::Clean_name(std::move(nameLeast))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNBoxes, fNScores, fNMost, fNOverlap, fNLeast};
   fOutputTensorNames = {fNY};
}

void ROperator_NonMaxSuppression::Initialize(RModel &model)
{
   RequireTensor(model, fNBoxes, ETensorType::FLOAT);
   RequireTensor(model, fNScores, ETensorType::FLOAT);
   auto const boxes = model.GetDimTensorShape(fNBoxes);
   auto const scores = model.GetDimTensorShape(fNScores);
   if (boxes.size() != 3 || scores.size() != 3 || boxes[2] != Dim(size_t(4)) || boxes[0] != scores[0] ||
       boxes[1] != scores[2])
      Fail("boxes " + ConvertDimShapeToString(boxes) + " and scores " + ConvertDimShapeToString(scores) +
           " are not (batch, box, 4) and (batch, class, box)");
   for (auto const &[name, type] : {std::pair(fNMost, ETensorType::INT64), std::pair(fNOverlap, ETensorType::FLOAT),
                                    std::pair(fNLeast, ETensorType::FLOAT)}) {
      if (name.empty())
         continue;
      RequireTensor(model, name, type);
      if (ProductOfDims(model.GetDimTensorShape(name)) != Dim(size_t(1)))
         Fail(name + " must be one number");
   }
   fBatches = scores[0];
   fClasses = scores[1];
   fSize = scores[2];
   fOrder = AddScratch(model, ETensorType::INT64, fSize);
   fFound = AddScratch(model, ETensorType::INT64, MulDims(ProductOfDims(scores), Dim(size_t(3))));
   fCount = model.AddDataDim(fNY, ProductOfDims(scores));
   model.AddIntermediateTensor(fNY, ETensorType::INT64, std::vector<Dim>{Dim(fCount), Dim(size_t(3))});
}

std::string ROperator_NonMaxSuppression::GenerateSizes(std::string)
{
   auto const value = [](const std::string &name, const std::string &absent) {
      return name.empty() ? absent : "tensor_" + name + "[0]";
   };
   return "Kernel::Isa<W>::template Call<Kernel::NonMaxSuppression>(" + SizeArgument(fBatches) + ", " +
          SizeArgument(fClasses) + ", " + SizeArgument(fSize) + ", tensor_" + fNBoxes + ", tensor_" + fNScores + ", " +
          (fByCenter ? "true" : "false") + ", " + value(fNMost, "int64_t(0)") + ", " + value(fNOverlap, "0.f") + ", " +
          (fNLeast.empty() ? "false" : "true") + ", " + value(fNLeast, "0.f") + ", tensor_" + fOrder + ", tensor_" +
          fFound + ", &" + fCount + ");\n";
}

std::string ROperator_NonMaxSuppression::Generate(std::string)
{
   return "std::memcpy(tensor_" + fNY + ", tensor_" + fFound + ", " + fCount + " * 3 * sizeof(int64_t));";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
