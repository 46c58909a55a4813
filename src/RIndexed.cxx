#include "TMVA/SOFIE/RIndexed.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RCodeWriter.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <map>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RIndexed::RIndexed(std::string nameX, std::string nameIndices, std::string nameY)
   : fNX(UTILITY::Clean_name(std::move(nameX))), fNIndices(UTILITY::Clean_name(std::move(nameIndices))),
     fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX, fNIndices};
   fOutputTensorNames = {fNY};
}

void RIndexed::RequireIndices(const RModel &model)
{
   RequireTensor(model, fNX);
   RequireTensor(model, fNIndices);
   fType = model.GetTensorType(fNX);
   auto const type = model.GetTensorType(fNIndices);
   if (type != ETensorType::INT64 && type != ETensorType::INT32)
      Fail("the indices " + fNIndices + " are of type " + ConvertTypeToString(type));
   fIndexType = ConvertTypeToString(type);
}

void RIndexed::CheckIndices(RModel &model, const Dim &size) const
{
   if (size.isParam || !model.IsInitializedTensor(fNIndices))
      return;
   for (auto const index : IntegerValues(model, fNIndices)) {
      if (AxisOf(index, size.dim) >= size.dim)
         Fail("the index " + std::to_string(index) + " is not in a dimension of size " + size.GetVal());
   }
}

void RIndexed::RequireFitting(const std::vector<Dim> &shapeX, const std::vector<Dim> &shapeI, size_t axis, int given)
{
   std::string const shapes = fNX + " " + ConvertDimShapeToString(shapeX) + " by the indices " + fNIndices + " " +
                              ConvertDimShapeToString(shapeI) + " along axis " + std::to_string(given);
   if (axis >= shapeX.size() || shapeX.size() != shapeI.size())
      Fail(shapes);
   for (size_t d = 0; d < shapeX.size(); ++d) {
      if (d == axis || shapeI[d] == shapeX[d])
         continue;
      if (!shapeI[d].isParam && !shapeX[d].isParam && shapeI[d].dim > shapeX[d].dim)
         Fail(shapes);
      if (shapeI[d].isParam || shapeX[d].isParam)
         fSizeChecks.push_back(
            {shapeI[d].GetVal() + " > " + shapeX[d].GetVal(),
             "TMVA-SOFIE: " + GetOpType() + (fOrigin.empty() ? "" : " at " + fOrigin) + ": " + shapes});
   }
}

std::string RIndexed::CallCode(const std::string &kernel, const std::string &more) const
{
   return "Kernel::Isa<W>::template Call<Kernel::" + kernel + "<" + StorageType(fType) + ", " + more + ">>(";
}

std::string RIndexed::NameCode() const
{
   return StringLiteral(GetOpType() + (fOrigin.empty() ? "" : " at " + fOrigin));
}

std::string RIndexed::ReductionCode(const std::string &reduction) const
{
   // Of truth values the sum is the greater one.
   bool const isBool = fType == ETensorType::BOOL;
   std::map<std::string, std::string> const functors = {{"none", "Replace"},
                                                        {"add", isBool ? "RaiseTo" : "AddTo"},
                                                        {"mul", "MultiplyBy"},
                                                        {"max", "RaiseTo"},
                                                        {"min", "LowerTo"}};
   auto const found = functors.find(reduction);
   if (found == functors.end())
      Fail("the reduction \"" + EscapeText(reduction) + "\"; there are none, add, mul, max and min");
   return "Kernel::" + found->second;
}

RIndexed::RAlong RIndexed::Along(const std::vector<Dim> &shapeX, const std::vector<Dim> &shape, size_t axis)
{
   size_t const last = shape.size() - 1;
   auto const stridesX = UTILITY::ComputeStrideFromShape(shapeX);
   auto moves = stridesX;
   moves[axis] = Dim(size_t(0));
   auto const outer = [&](const std::vector<Dim> &dims) {
      return std::vector<Dim>(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(last));
   };
   return {LoopCode(outer(shape), {outer(moves)}), shape[last], moves[last], shapeX[axis], stridesX[axis]};
}

std::string RIndexed::RAlong::Code() const
{
   return fLoop + ", " + SizeArgument(fRun) + ", size_t(" + fStep.GetVal() + "), " + SizeArgument(fSize) + ", size_t(" +
          fStride.GetVal() + ")";
}

std::string RIndexed::TupleCode(const std::vector<Dim> &shape, size_t first, size_t count)
{
   auto const strides = UTILITY::ComputeStrideFromShape(shape);
   auto const some = [&](const std::vector<Dim> &dims) {
      auto const begin = dims.begin() + static_cast<std::ptrdiff_t>(first);
      return std::vector<Dim>(begin, begin + static_cast<std::ptrdiff_t>(count));
   };
   return LoopCode(some(shape), {some(strides)});
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
