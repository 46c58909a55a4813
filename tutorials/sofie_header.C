/// \file
/// \ingroup tutorial_ml
/// \notebook -nodraw
/// A generated header in C++: one inference, a batch, and the score of events in RDataFrame.
///
/// The header is made by `python sofie_pytorch.py --keep`, in the folder where this macro is run then; `pysofie parse` makes one
/// of any model. The header needs a C++17 compiler and nothing else. This macro finds pysofie's headers in a shell where
/// `eval "$(pysofie env)"` was run.
///
/// \macro_code
/// \macro_output
/// \author The pysofie authors

R__ADD_INCLUDE_PATH(.) // a macro looks in its own folder, and not in the current one
#include "SofieTutorial.hxx"

#include <TMVA/SOFIEHelpers.hxx>

#include <ROOT/RDataFrame.hxx>

#include <cmath>
#include <iostream>
#include <stdexcept>
#include <vector>

void sofie_header()
{
   // A Session reads the weights. One for each thread.
   TMVA_SOFIE_SofieTutorial::Session session("SofieTutorial.dat");

   // One event: the size of the batch, and a pointer to the input.
   float const event[4] = {1.5f, 0.5f, -0.25f, 2.f};
   std::vector<float> const score = session.infer(1, event);
   std::cout << "one event: " << score[0] << "\n";

   // Three events, into a buffer of the caller's: nothing is allocated.
   float const events[3 * 4] = {1.5f, 0.5f, -0.25f, 2.f, -1.f, 1.f, 1.f, 1.f, 0.f, 0.f, -1.f, 1.f};
   float scores[3];
   doInfer(session, 3, events, scores);
   std::cout << "a batch:   " << scores[0] << " " << scores[1] << " " << scores[2] << "\n";

   // All events of a data frame on all cores: SofieFunctor has a Session for each slot.
   ROOT::EnableImplicitMT();
   ROOT::RDataFrame df(1000);
   auto const functor =
      TMVA::Experimental::SofieFunctor<4, TMVA_SOFIE_SofieTutorial::Session>(df.GetNSlots(), "SofieTutorial.dat");
   auto mean = df.Define("x0", [](ULong64_t entry) { return float(std::sin(entry)); }, {"rdfentry_"})
                  .Define("x1", [](ULong64_t entry) { return float(std::cos(entry)); }, {"rdfentry_"})
                  .Define("x2", [] { return 0.5f; })
                  .Define("x3", [] { return -0.5f; })
                  .DefineSlot("score", functor, {"x0", "x1", "x2", "x3"})
                  .Mean<double>("score");
   std::cout << "mean over " << 1000 << " events: " << *mean << "\n";

   if (std::abs(scores[0] - score[0]) > 1e-6f || !(*mean > 0. && *mean < 1.))
      throw std::runtime_error("the scores do not fit");
}
