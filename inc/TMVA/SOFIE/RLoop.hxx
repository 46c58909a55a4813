/// \file RLoop.hxx
/// \ingroup TMVA
/// \brief The operators Loop and Scan.

#ifndef TMVA_SOFIE_RLOOP
#define TMVA_SOFIE_RLOOP

#include "TMVA/SOFIE/RControl.hxx"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RLoop
/// \ingroup TMVA
/// \brief A body that runs again and again. States go from one run to the next, scanned inputs give one slice of their first dimension
/// to each run, and what it scans out is stacked along a new first dimension.
class RLoop : public RControl {
private:
   /// A tensor of which each run reads or writes one slice.
   struct RSlice {
      std::string fWhole;
      std::string fSlice;
      bool fIsReversed;
      std::string fLength; ///< Elements of a slice.
   };

   std::string fOpType;
   std::string fNTrips; ///< "" for a Scan.
   std::string fNCondition;
   std::vector<std::string> fNStates;
   std::vector<std::string> fNScans;
   std::vector<std::int64_t> fReversed; ///< For each scanned input, and then for each scanned output.
   std::unique_ptr<RModel> fModel;      ///< Until Initialize.
   RBlock fBody;
   std::vector<RTransfer> fInitial;
   std::vector<RTransfer> fStaged; ///< States that are others of the run before, set aside.
   std::vector<RTransfer> fNext;
   std::vector<RTransfer> fFinal;
   std::vector<RSlice> fIn;
   std::vector<RSlice> fOut;
   std::vector<std::string> fOutSizes; ///< For each scanned output, the size to set, or "".
   std::string fScanLength;            ///< Of a Scan.

   bool IsScan() const { return fOpType == "Scan"; }
   void InitializeStates(RModel &model);
   void InitializeScannedOutputs(RModel &model);
   Dim Trips(RModel &model, const std::string &name);

public:
   /// A Loop. \param nameTrips the most runs, one int64, or "". \param nameCondition whether to run at all, one bool, or "". \param body a
   /// model of the inputs (run, condition, states...) and outputs (condition, states..., scanned...).
   RLoop(std::string nameTrips, std::string nameCondition, std::vector<std::string> nameStates,
         std::unique_ptr<RModel> body, std::vector<std::string> nameYs);
   /// A Scan. \param body a model of the inputs (states..., slices...) and outputs (states..., slices...). \param reversed for each scanned
   /// input and then each scanned output, 1 where the last slice comes first.
   RLoop(std::vector<std::string> nameStates, std::vector<std::string> nameScans, std::unique_ptr<RModel> body,
         std::vector<std::int64_t> reversed, std::vector<std::string> nameYs);
   ~RLoop() override;

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GenerateControl(const std::string &opName, const RBlockPrinter &printer) override;
   std::vector<RBlock *> GetBlocks() override { return {&fBody}; }
   std::string GetOpType() const override { return fOpType; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RLOOP
