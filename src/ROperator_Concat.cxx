#include "TMVA/ROperator_Concat.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Concat::ROperator_Concat(std::vector<std::string> inputs, int axis, int newAxis, std::string output)
   : fAxis(axis), fNewAxis(newAxis != 0), fNY(UTILITY::Clean_name(std::move(output)))
{
   for (auto &name : inputs)
      fInputTensorNames.push_back(UTILITY::Clean_name(std::move(name)));
   fOutputTensorNames = {fNY};
   if (fInputTensorNames.empty())
      Fail("it has no inputs");
}

void ROperator_Concat::Initialize(RModel &model)
{
   std::vector<Dim> shapeY;
   for (auto const &name : fInputTensorNames) {
      RequireTensor(model, name);
      bool const isFirst = fRuns.empty();
      auto shape = model.GetDimTensorShape(name);
      if (isFirst) {
         fType = model.GetTensorType(name);
         size_t const place = AxisOf(fAxis, shape.size() + (fNewAxis ? 1 : 0));
         if (place == static_cast<size_t>(-1))
            Fail("axis " + std::to_string(fAxis) + " of " + name + " " + ConvertDimShapeToString(shape));
         fAxis = static_cast<int>(place);
      }
      RequireTensor(model, name, fType);
      auto const axis = static_cast<size_t>(fAxis);
      bool fits = isFirst || shape.size() + (fNewAxis ? 1 : 0) == shapeY.size();
      if (fits && fNewAxis)
         shape.insert(shape.begin() + fAxis, Dim(size_t(1)));
      for (size_t d = 0; fits && !isFirst && d < shape.size(); ++d)
         fits = d == axis || shape[d] == shapeY[d];
      if (!fits)
         Fail(name + " " + ConvertDimShapeToString(shape) + " does not fit " + fInputTensorNames[0] + " " +
              ConvertDimShapeToString(model.GetDimTensorShape(fInputTensorNames[0])) + " along axis " +
              std::to_string(fAxis));
      fRuns.push_back(ProductOfDims({shape.begin() + fAxis, shape.end()}));
      if (isFirst)
         shapeY = shape;
      else
         shapeY[axis] = AddDims(shapeY[axis], shape[axis]);
   }
   fOuter = ProductOfDims({shapeY.begin(), shapeY.begin() + fAxis});
   fIsView = fInputTensorNames.size() == 1;
   if (fIsView)
      fIsOutputConstant = AddView(model, fInputTensorNames[0], fNY, shapeY);
   else
      model.AddIntermediateTensor(fNY, fType, shapeY);
}

std::string ROperator_Concat::Generate(std::string)
{
   if (fIsView)
      return "";
   Dim stride(size_t(0));
   for (auto const &run : fRuns)
      stride = AddDims(stride, run);
   std::string code;
   Dim offset(size_t(0));
   for (size_t i = 0; i < fRuns.size(); ++i) {
      std::string const loop =
         fOuter == Dim(size_t(1)) ? LoopCode({}, {{}, {}}) : LoopCode({fOuter}, {{fRuns[i]}, {stride}});
      code += (i > 0 ? "\n" : "") + std::string("Kernel::Isa<W>::template Call<Kernel::Copy<") + StorageType(fType) +
              ">>(" + loop + ", " + SizeArgument(fRuns[i]) + ", tensor_" + fInputTensorNames[i] + ", tensor_" + fNY +
              (i > 0 ? " + " + offset.GetVal() : "") + ");";
      offset = AddDims(offset, fRuns[i]);
   }
   return code;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
