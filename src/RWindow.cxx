#include "TMVA/SOFIE/RWindow.hxx"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

const Dim kZero(size_t(0));
const Dim kOne(size_t(1));

/// Whether nothing happens in the dimension but that each element is a window.
bool IsTrivial(size_t kernel, size_t stride, const Dim &pad, const Dim &padEnd)
{
   return kernel == 1 && stride == 1 && pad == kZero && padEnd == kZero;
}

} // namespace

void RWindow::CheckSizes(const char *what, std::vector<size_t> &values, size_t rank, size_t fallback, size_t least,
                         size_t ends) const
{
   size_t const count = ends * rank;
   if (values.empty())
      values.assign(count, fallback);
   if (values.size() != count)
      Fail(std::string(what) + " " + ConvertShapeToString(values) + " for " + std::to_string(rank) +
           " spatial dimensions");
   // What was a negative number is above the largest length.
   for (size_t const value : values) {
      if (value < least || value > size_t(std::numeric_limits<std::int32_t>::max()))
         Fail(std::string(what) + " " + ConvertShapeToString(values) + ", each must be at least " +
              std::to_string(least));
   }
}

void RWindow::SettleAttributes(size_t rank)
{
   if (fAttributes.fKernelShape.empty())
      Fail("no kernel_shape is given");
   CheckSizes("kernel_shape", fAttributes.fKernelShape, rank, 0, 1);
   CheckSizes("strides", fAttributes.fStrides, rank, 1, 1);
   CheckSizes("dilations", fAttributes.fDilations, rank, 1, 1);
   CheckSizes("pads", fAttributes.fPads, rank, 0, 0, 2);
   static const std::array<const char *, 5> known = {"", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
   if (std::find(known.begin(), known.end(), fAttributes.fAutoPad) == known.end())
      Fail("auto_pad " + fAttributes.fAutoPad + " is none of NOTSET, VALID, SAME_UPPER and SAME_LOWER");
   bool const isAutomatic = fAttributes.fAutoPad != "" && fAttributes.fAutoPad != "NOTSET";
   if (isAutomatic && fAttributes.fPads != std::vector<size_t>(2 * rank, 0))
      Fail("auto_pad " + fAttributes.fAutoPad + " and pads " + ConvertShapeToString(fAttributes.fPads) +
           " exclude each other");
}

void RWindow::SettleSamePads(size_t d, const Dim &size)
{
   size_t const rank = fAttributes.fKernelShape.size();
   size_t const stride = fAttributes.fStrides[d];
   size_t const reach = fAttributes.fDilations[d] * (fAttributes.fKernelShape[d] - 1) + 1;
   size_t total = reach - 1;
   if (stride != 1) {
      size_t const needed = ((size.dim + stride - 1) / stride - 1) * stride + reach;
      total = needed > size.dim ? needed - size.dim : 0;
   }
   size_t const less = total / 2;
   bool const isUpper = fAttributes.fAutoPad == "SAME_UPPER";
   fAttributes.fPads[d] = isUpper ? less : total - less;
   fAttributes.fPads[d + rank] = isUpper ? total - less : less;
}

RWindow::RAxis RWindow::SettleSameAxis(size_t d, const Dim &size)
{
   size_t const kernel = fAttributes.fKernelShape[d];
   size_t const stride = fAttributes.fStrides[d];
   size_t const reach = fAttributes.fDilations[d] * (kernel - 1) + 1;
   // As many windows as fit with padding; a window of one element needs none.
   Dim const windows = DivDims(AddDims(size, Dim(stride - 1)), Dim(stride));
   RAxis axis{size, windows, kernel, stride, Dim(fAttributes.fDilations[d]), kZero, kZero};
   fSizeChecks.push_back({size.GetVal() + " < 1", "TMVA-SOFIE: " + GetOpType() +
                                                     (GetOrigin().empty() ? "" : " at " + GetOrigin()) +
                                                     ": spatial dimension " + std::to_string(d) + " is empty"});
   if (reach == 1)
      return axis;
   if (reach < stride)
      Fail("auto_pad " + fAttributes.fAutoPad + " with stride " + std::to_string(stride) +
           " over the named dimension " + size.GetVal() + " and a window that reaches over " + std::to_string(reach));
   Dim const total = SubtractDims(AddDims(MulDims(windows, Dim(stride)), Dim(reach - stride)), size);
   Dim const less = DivDims(total, Dim(size_t(2)));
   bool const isUpper = fAttributes.fAutoPad == "SAME_UPPER";
   axis.fPad = isUpper ? less : SubtractDims(total, less);
   axis.fPadEnd = isUpper ? SubtractDims(total, less) : less;
   return axis;
}

RWindow::RAxis RWindow::SettleAxis(size_t d, const Dim &size, const std::string &nameX)
{
   if (!size.isParam && size.dim == 0)
      Fail("input tensor " + nameX + " is empty in spatial dimension " + std::to_string(d));
   bool const isSame = fAttributes.fAutoPad.rfind("SAME", 0) == 0;
   if (isSame && size.isParam && fAttributes.fStrides[d] != 1)
      return SettleSameAxis(d, size);
   if (isSame)
      SettleSamePads(d, size);
   size_t const kernel = fAttributes.fKernelShape[d];
   size_t const stride = fAttributes.fStrides[d];
   size_t const reach = fAttributes.fDilations[d] * (kernel - 1) + 1;
   size_t const begin = fAttributes.fPads[d];
   size_t const end = fAttributes.fPads[d + fAttributes.fKernelShape.size()];

   std::string const what = "a window that reaches over " + std::to_string(reach) + " does not fit into ";
   std::string const padding = ", padding " + std::to_string(begin) + " and " + std::to_string(end) +
                               " in spatial dimension " + std::to_string(d) + " of " + nameX;
   if (!fAttributes.fIsInPadding && std::max(begin, end) >= reach)
      Fail("a window that reaches over " + std::to_string(reach) + " can lie in the padding alone" + padding);
   if (!size.isParam && size.dim + begin + end < reach)
      Fail(what + std::to_string(size.dim) + padding);
   if (size.isParam) {
      std::string const least = begin + end + 1 > reach ? "1" : std::to_string(reach - begin - end);
      fSizeChecks.push_back({size.GetVal() + " < " + least, "TMVA-SOFIE: " + GetOpType() +
                                                               (GetOrigin().empty() ? "" : " at " + GetOrigin()) +
                                                               ": " + what + size.GetVal() + padding});
   }

   RAxis axis{size, kZero, kernel, stride, Dim(fAttributes.fDilations[d]), Dim(begin), Dim(end)};
   if (!fAttributes.fCeilMode) {
      axis.fOut = AddDims(DivDims(SubtractDims(AddDims(size, Dim(begin + end)), Dim(reach)), Dim(stride)), kOne);
   } else {
      // Windows until one holds the last element, but none that begins in the padding behind the input.
      size_t const less = reach > end + stride ? reach - end - stride : 0;
      axis.fOut = DivDims(SubtractDims(AddDims(size, Dim(begin + stride - 1)), Dim(less)), Dim(stride));
   }
   return axis;
}

std::vector<Dim> RWindow::SettleWindow(const std::string &nameX, const std::vector<Dim> &shapeX, bool canMerge)
{
   if (shapeX.size() < 3 || shapeX.size() > 5)
      Fail("input tensor " + nameX + " " + ConvertDimShapeToString(shapeX) +
           " is not of an image dimension, channels, and 1 to 3 spatial dimensions");
   SettleAttributes(shapeX.size() - 2);
   std::vector<Dim> outputs;
   for (size_t d = 0; d + 2 < shapeX.size(); ++d) {
      fAxes.push_back(SettleAxis(d, shapeX[d + 2], nameX));
      outputs.push_back(fAxes.back().fOut);
   }
   if (canMerge)
      MergeAxes();
   FillAxes();
   return outputs;
}

RWindow::RAxis RWindow::SettleTransposedAxis(size_t d, const Dim &size, const std::string &nameX, size_t extra,
                                             const size_t *wanted)
{
   if (!size.isParam && size.dim == 0)
      Fail("input tensor " + nameX + " is empty in spatial dimension " + std::to_string(d));
   size_t const rank = fAttributes.fKernelShape.size();
   size_t const kernel = fAttributes.fKernelShape[d];
   size_t const stride = fAttributes.fStrides[d];
   size_t const reach = fAttributes.fDilations[d] * (kernel - 1) + 1;
   bool const isSame = fAttributes.fAutoPad.rfind("SAME", 0) == 0;
   size_t begin = fAttributes.fPads[d];
   size_t end = fAttributes.fPads[d + rank];
   // All that the windows reach over, before any padding is cut off.
   Dim const span = AddDims(MulDims(SubtractDims(size, Dim(size_t(1))), Dim(stride)), Dim(reach));
   Dim out;
   if (wanted || isSame) {
      if (wanted && size.isParam)
         Fail("output_shape over the named dimension " + size.GetVal());
      out = wanted ? Dim(*wanted) : MulDims(size, Dim(stride));
      // The difference has no name: that of the windows and stride * size is reach - stride.
      size_t const whole = wanted ? span.dim + extra : reach + extra;
      size_t const kept = wanted ? *wanted : stride;
      size_t const total = whole > kept ? whole - kept : 0;
      begin = fAttributes.fAutoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      end = total - begin;
      fAttributes.fPads[d] = begin;
      fAttributes.fPads[d + rank] = end;
   } else {
      out = SubtractDims(AddDims(span, Dim(extra)), Dim(begin + end));
   }
   if (!out.isParam && (out.dim == 0 || out.dim > size_t(std::numeric_limits<std::int32_t>::max())))
      Fail("nothing is left of spatial dimension " + std::to_string(d) + " of " + nameX + " but padding");
   if (out.isParam) {
      std::string const cut = begin + end < reach + extra
                                 ? ""
                                 : " || " + AddDims(span, Dim(extra)).GetVal() + " <= " + std::to_string(begin + end);
      fSizeChecks.push_back({size.GetVal() + " < 1" + cut, "TMVA-SOFIE: " + GetOpType() +
                                                              ": nothing is left of spatial dimension " +
                                                              std::to_string(d) + " of " + nameX + " but padding"});
   }
   return {out, size, kernel, stride, Dim(fAttributes.fDilations[d]), Dim(begin), Dim(end)};
}

std::vector<Dim> RWindow::SettleTransposed(const std::string &nameX, const std::vector<Dim> &shapeX,
                                           std::vector<size_t> outputPadding, const std::vector<size_t> &outputShape)
{
   if (shapeX.size() < 3 || shapeX.size() > 5)
      Fail("input tensor " + nameX + " " + ConvertDimShapeToString(shapeX) +
           " is not of an image dimension, channels, and 1 to 3 spatial dimensions");
   size_t const rank = shapeX.size() - 2;
   SettleAttributes(rank);
   CheckSizes("output_padding", outputPadding, rank, 0, 0);
   auto wanted = outputShape;
   if (!wanted.empty())
      CheckSizes("output_shape", wanted, rank, 1, 1);
   std::vector<Dim> outputs;
   for (size_t d = 0; d < rank; ++d) {
      fAxes.push_back(
         SettleTransposedAxis(d, shapeX[d + 2], nameX, outputPadding[d], wanted.empty() ? nullptr : &wanted[d]));
      outputs.push_back(fAxes.back().fIn);
   }
   FillAxes();
   return outputs;
}

/// Where the windows of a dimension are its single elements, it and the one before it are one: a 1x1 convolution has one long row.
void RWindow::MergeAxes()
{
   for (size_t d = fAxes.size() - 1; d > 0; --d) {
      RAxis const inner = fAxes[d];
      RAxis &outer = fAxes[d - 1];
      if (outer.fStride != 1 || !IsTrivial(inner.fKernel, inner.fStride, inner.fPad, inner.fPadEnd))
         continue;
      for (Dim *dim : {&outer.fIn, &outer.fOut, &outer.fDilation, &outer.fPad, &outer.fPadEnd})
         *dim = MulDims(*dim, inner.fIn);
      fAxes.erase(fAxes.begin() + static_cast<std::ptrdiff_t>(d));
   }
}

void RWindow::FillAxes()
{
   while (fAxes.size() < 3)
      fAxes.insert(fAxes.begin(), RAxis{kOne, kOne, 1, 1, kOne, kZero, kZero});
}

Dim RWindow::Span(const RAxis &axis)
{
   Dim const windows = MulDims(SubtractDims(axis.fOut, kOne), Dim(axis.fStride));
   return AddDims(AddDims(windows, MulDims(Dim(axis.fKernel - 1), axis.fDilation)), kOne);
}

Dim RWindow::GetStagedLength(size_t dimensions) const
{
   Dim const stride(fAxes.back().fStride);
   Dim length = MulDims(DivDims(AddDims(Span(fAxes.back()), Dim(stride.dim - 1)), stride), stride);
   for (size_t d = 3 - dimensions; d < 2; ++d)
      length = MulDims(length, Span(fAxes[d]));
   return length;
}

bool RWindow::IsWholeInput() const
{
   return std::all_of(fAxes.begin(), fAxes.end(), [](const RAxis &axis) {
      return axis.fOut == kOne && axis.fIn == Dim(axis.fKernel) && axis.fPad == kZero && axis.fPadEnd == kZero;
   });
}

bool RWindow::IsDirect() const
{
   return fAxes.back().fStride == 1 && HasNoPadding();
}

bool RWindow::IsEachElement() const
{
   return GetTaps() == 1 && HasNoPadding() &&
          std::all_of(fAxes.begin(), fAxes.end(), [](const RAxis &axis) { return axis.fStride == 1; });
}

bool RWindow::HasNoPadding() const
{
   return std::all_of(fAxes.begin(), fAxes.end(),
                      [](const RAxis &axis) { return axis.fPad == kZero && axis.fPadEnd == kZero; });
}

size_t RWindow::GetTaps() const
{
   return ConvertShapeToLength(fAttributes.fKernelShape);
}

Dim RWindow::GetRunLength(size_t channels) const
{
   auto const &axis = fAxes.back();
   return Dim(axis.fDilation == kOne ? axis.fKernel * channels : channels);
}

std::string RWindow::WindowCode() const
{
   bool isKnown = true;
   std::string lists[7];
   for (auto const &axis : fAxes) {
      Dim const numbers[] = {axis.fIn,       axis.fOut, Dim(axis.fKernel), Dim(axis.fStride),
                             axis.fDilation, axis.fPad, axis.fPadEnd};
      for (size_t i = 0; i < std::size(numbers); ++i) {
         isKnown = isKnown && !numbers[i].isParam;
         lists[i] += (lists[i].empty() ? "" : ", ") + numbers[i].GetVal();
      }
   }
   std::string text;
   for (auto const &list : lists)
      text += (text.empty() ? "" : ", ") + (isKnown ? list : "{" + list + "}");
   return isKnown ? "Kernel::FixedWindow<" + text + ">{}" : "Kernel::Window{" + text + "}";
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
