/// \file RPad.hxx
/// \ingroup TMVA
/// \brief The operator Pad.

#ifndef TMVA_SOFIE_RPAD
#define TMVA_SOFIE_RPAD

#include "TMVA/ROperator.hxx"

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RPad
/// \ingroup TMVA
/// \brief A tensor with a margin on every side. Where that is below 0, as much of the tensor is left out.
class RPad : public ROperator {
private:
   /// A dimension, neighbours without margins merged.
   struct RSide {
      Dim fBefore, fSize, fAfter, fStride;
   };

   ETensorType fType;
   std::string fNX, fNPads, fNValue, fNAxes, fNY;
   std::string fMode;
   std::string fValue; ///< What is in the margin, as C++.
   std::vector<RSide> fSides;
   Dim fBegin; ///< The first element of x that is left.
   bool fKeepsRows = false;
   std::vector<SizeCheck> fSizeChecks;

   std::vector<std::pair<Dim, Dim>> Margins(RModel &model, size_t rank);
   void AddSide(const Dim &size, const Dim &stride, Dim before, Dim after);
   void Check(const std::string &isWrong, const std::string &message);

public:
   /// \param type the elements' type. \param nameX the input. \param namePads the tensor of margins, all before x and then all behind
   /// it. \param nameValue the tensor of the number in the margin, or "" for 0. \param nameAxes the tensor of the axes that the margins are
   /// along, or "" for all. \param nameY the output. \param mode constant, edge, reflect or wrap.
   RPad(ETensorType type, std::string nameX, std::string namePads, std::string nameValue, std::string nameAxes,
        std::string nameY, std::string mode);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return "Pad"; }
   std::vector<std::string> GetKernels() const override { return {"Pad"}; }
   std::vector<SizeCheck> GetSizeChecks() const override { return fSizeChecks; }
   bool ActsOnRows(const std::vector<bool> &batched) const override;
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RPAD
