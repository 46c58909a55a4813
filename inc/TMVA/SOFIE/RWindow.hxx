/// \file RWindow.hxx
/// \ingroup TMVA
/// \brief Operators that slide a window over the spatial dimensions of their input.

#ifndef TMVA_SOFIE_RWINDOW
#define TMVA_SOFIE_RWINDOW

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RWindow
/// \ingroup TMVA
/// \brief What convolutions and pools share: the attributes of their windows, the sizes that come out, and both as code.
class RWindow : public ROperator {
public:
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }

protected:
   /// The attributes as ONNX has them; what is left out has its default after SettleWindow.
   struct RAttributes {
      std::string fAutoPad; ///< NOTSET, VALID, SAME_UPPER or SAME_LOWER.
      std::vector<size_t> fDilations;
      std::vector<size_t> fKernelShape;
      std::vector<size_t> fPads; ///< All before the input, then all behind it.
      std::vector<size_t> fStrides;
      bool fCeilMode = false;    ///< A last window may reach beyond the padding.
      bool fIsInPadding = false; ///< A window may lie in the padding alone.
   };

   /// The attributes are those of an operator on tensors.
   explicit RWindow(RAttributes attributes) : fAttributes(std::move(attributes)) {}

   /// Check the attributes for the input and settle the window. \param canMerge whether dimensions may become one.
   /// \return the spatial dimensions of the output.
   std::vector<Dim> SettleWindow(const std::string &nameX, const std::vector<Dim> &shapeX, bool canMerge = true);

   /// The same where the windows are the input's elements: those over an output that comes out. \param outputPadding added to each of its
   /// dimensions, or empty. \param outputShape its spatial dimensions, or empty; the padding then follows from them.
   std::vector<Dim> SettleTransposed(const std::string &nameX, const std::vector<Dim> &shapeX,
                                     std::vector<size_t> outputPadding, const std::vector<size_t> &outputShape);

   /// The window's size in each spatial dimension, from the attributes.
   const std::vector<size_t> &GetKernelShape() const { return fAttributes.fKernelShape; }
   /// Set the window's size, in each spatial dimension.
   void SetKernelShape(std::vector<size_t> shape) { fAttributes.fKernelShape = std::move(shape); }
   /// Whether the window of the output's only element is the whole input.
   bool IsWholeInput() const;
   /// `Kernel::FixedWindow<...>{}`, or where it depends on names `Kernel::Window{...}`.
   std::string WindowCode() const;
   /// With channels last: the elements of a window that are neighbours in memory.
   Dim GetRunLength(size_t channels) const;
   /// The window's elements.
   size_t GetTaps() const;
   /// Whether windows are read from the input as it is: Window::IsDirect of the kernel.
   bool IsDirect() const;
   /// Whether no window reaches into padding.
   bool HasNoPadding() const;
   /// Whether each window is one element, and each element a window.
   bool IsEachElement() const;
   /// The length of one channel (with = 3) or one row (with = 1) as the kernel stages it: Layout::Staged.
   Dim GetStagedLength(size_t dimensions) const;
   /// The output's length along its last dimension.
   Dim GetRowLength() const { return fAxes.back().fOut; }

private:
   /// One dimension as the kernel sees it. Pad and dilation of merged dimensions may depend on names.
   struct RAxis {
      Dim fIn;
      Dim fOut;
      size_t fKernel;
      size_t fStride;
      Dim fDilation;
      Dim fPad;
      Dim fPadEnd;
   };

   RAttributes fAttributes;
   std::vector<RAxis> fAxes; ///< Three after SettleWindow: neighbours merged where possible, others of size 1 in front.
   std::vector<SizeCheck> fSizeChecks;

   void CheckSizes(const char *what, std::vector<size_t> &values, size_t rank, size_t fallback, size_t least,
                   size_t ends = 1) const;
   void SettleAttributes(size_t rank);
   RAxis SettleTransposedAxis(size_t d, const Dim &size, const std::string &nameX, size_t extra, const size_t *wanted);
   void FillAxes();
   RAxis SettleAxis(size_t d, const Dim &size, const std::string &nameX);
   void SettleSamePads(size_t d, const Dim &size);
   RAxis SettleSameAxis(size_t d, const Dim &size);
   void MergeAxes();
   static Dim Span(const RAxis &axis);
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RWINDOW
