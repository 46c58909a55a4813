#include "TMVA/ROperator_Transpose.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

ROperator_Transpose::ROperator_Transpose(std::vector<std::int64_t> perm, std::string nameData, std::string nameOutput)
   : fPerm(std::move(perm)), fNX(UTILITY::Clean_name(std::move(nameData))),
     fNY(UTILITY::Clean_name(std::move(nameOutput)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

ROperator_Transpose::ROperator_Transpose(std::string nameData, std::string nameOutput)
   : ROperator_Transpose(std::vector<std::int64_t>{}, std::move(nameData), std::move(nameOutput))
{
   fIsReversed = true;
}

void ROperator_Transpose::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fType = model.GetTensorType(fNX);
   auto const shape = model.GetDimTensorShape(fNX);
   if (fIsReversed) {
      fPerm.resize(shape.size());
      for (size_t i = 0; i < shape.size(); ++i)
         fPerm[i] = static_cast<std::int64_t>(shape.size() - 1 - i);
   }
   // With its channels last it may be there already.
   if (IsToLast(1) && model.HasChannelsLast(fNX)) {
      std::string const last = model.ChannelsLast(fNX);
      fInputTensorNames = {last};
      fNX = last;
      std::iota(fPerm.begin(), fPerm.end(), 0);
      return Initialize(model);
   }
   auto sorted = fPerm;
   std::sort(sorted.begin(), sorted.end());
   bool fits = fPerm.size() == shape.size();
   for (size_t i = 0; fits && i < sorted.size(); ++i)
      fits = sorted[i] == static_cast<std::int64_t>(i);
   if (!fits)
      Fail("perm " + ConvertValuesToString(fPerm) + " is no order of the dimensions of " + fNX + " " +
           ConvertDimShapeToString(shape));

   std::vector<Dim> shapeY;
   for (auto const axis : fPerm)
      shapeY.push_back(shape[static_cast<size_t>(axis)]);
   Merge(shape);
   fIsView = fSizes.size() < 2;
   if (fIsView) {
      fIsOutputConstant = AddView(model, fNX, fNY, shapeY);
   } else if (model.IsInitializedTensor(fNX)) {
      AddKnownTensor(model, fNY, fNX, ConvertShapeToInt(shapeY),
                     Moved(ConvertShapeToInt(shape), model.GetInitializedTensorData(fNX).get()));
      fIsOutputConstant = true;
   } else {
      model.AddIntermediateTensor(fNY, fType, shapeY);
   }
}

void ROperator_Transpose::ChooseLayout(RModel &model)
{
   if (!fIsOutputConstant && IsToLast(fPerm.size() - 2) && !model.HasChannelsLast(fNY))
      model.SetChannelsLast(fNY, fNX);
}

/// Whether each dimension behind the first one moves to so many places in front, the first of them behind the others.
bool ROperator_Transpose::IsToLast(size_t places) const
{
   bool is = fPerm.size() > 2 && fPerm[0] == 0;
   for (size_t i = 1; is && i < fPerm.size(); ++i)
      is = fPerm[i] == static_cast<std::int64_t>((i - 1 + places) % (fPerm.size() - 1) + 1);
   return is;
}

void ROperator_Transpose::Merge(const std::vector<Dim> &shape)
{
   auto const strides = UTILITY::ComputeStrideFromShape(shape);
   fSizes.clear();
   fStrides.clear();
   size_t last = 0;
   for (auto const perm : fPerm) {
      auto const axis = static_cast<size_t>(perm);
      if (shape[axis] == Dim(size_t(1)))
         continue;
      // Those of size 1 between two neighbours do not separate them.
      bool isNext = !fSizes.empty() && axis > last;
      for (size_t i = last + 1; isNext && i < axis; ++i)
         isNext = shape[i] == Dim(size_t(1));
      if (isNext) {
         fSizes.back() = MulDims(fSizes.back(), shape[axis]);
         fStrides.back() = strides[axis];
      } else {
         fSizes.push_back(shape[axis]);
         fStrides.push_back(strides[axis]);
      }
      last = axis;
   }
}

/// The values in the new order.
std::shared_ptr<void> ROperator_Transpose::Moved(const std::vector<size_t> &shape, void const *data) const
{
   size_t const size = GetTypeSize(fType);
   size_t const length = ConvertShapeToLength(shape);
   auto const strides = UTILITY::ComputeStrideFromShape(shape);
   std::shared_ptr<char> moved(new char[std::max<size_t>(length * size, 1)], std::default_delete<char[]>());
   std::vector<size_t> index(shape.size(), 0);
   for (size_t i = 0; i < length; ++i) {
      size_t offset = 0;
      for (size_t d = 0; d < index.size(); ++d)
         offset += index[d] * strides[static_cast<size_t>(fPerm[d])];
      std::memcpy(moved.get() + i * size, static_cast<char const *>(data) + offset * size, size);
      for (size_t d = index.size(); d-- > 0;) {
         if (++index[d] < shape[static_cast<size_t>(fPerm[d])])
            break;
         index[d] = 0;
      }
   }
   return moved;
}

std::string ROperator_Transpose::Generate(std::string)
{
   if (fIsView)
      return "";
   Dim const one(size_t(1));
   std::vector<Dim> const stridesY = UTILITY::ComputeStrideFromShape(fSizes);
   std::string const type = StorageType(fType);
   size_t const last = fSizes.size() - 1;
   // The dimension that x has last: if y has it last too, whole runs move, else it makes matrices with y's last one.
   size_t const run = static_cast<size_t>(std::find(fStrides.begin(), fStrides.end(), one) - fStrides.begin());
   std::vector<Dim> sizes, stepsX, stepsY;
   for (size_t d = 0; d < last; ++d) {
      if (d == run)
         continue;
      sizes.push_back(fSizes[d]);
      stepsX.push_back(fStrides[d]);
      stepsY.push_back(stridesY[d]);
   }
   std::string const loops = LoopCode(sizes, {stepsX, stepsY});
   if (run == last)
      return "Kernel::Isa<W>::template Call<Kernel::Copy<" + type + ">>(" + loops + ", " + SizeArgument(fSizes[last]) +
             ", tensor_" + fNX + ", tensor_" + fNY + ");";
   return "Kernel::Isa<W>::template Call<Kernel::Transpose<" + type + ">>(" + loops + ", " + SizeArgument(fSizes[run]) +
          ", " + SizeArgument(fSizes[last]) + ", tensor_" + fNX + ", " + fStrides[last].GetVal() + ", tensor_" + fNY +
          ", " + stridesY[run].GetVal() + ");";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
