/// \file
/// Calls a generated header in a loop. The macros MODEL_HEADER and MODEL name the header and its namespace; this file is
/// compiled by the system's compiler (session_loop.cxx) and by cling.

#ifndef PYSOFIE_BENCHMARK_SESSION_LOOP
#define PYSOFIE_BENCHMARK_SESSION_LOOP

#include MODEL_HEADER

#include "loop.hxx"

namespace benchmark {

/// One session with its input and output.
class ModelLoop {
   MODEL::Session fSession;
   std::vector<float> fInput;
   std::vector<float> fOutput;

public:
   ModelLoop(std::string const &weights, std::string const &input, std::size_t outputSize)
      : fSession(weights), fInput(ReadFloats(input)), fOutput(outputSize)
   {
   }

   void DoInfer() { MODEL::doInfer(fSession, fInput.data(), fOutput.data()); }
   void Infer() { fOutput = fSession.infer(fInput.data()); }

   long long TimeDoInfer(std::size_t n)
   {
      return Time(n, [this] { DoInfer(); });
   }

   std::vector<float> const &Output() const { return fOutput; }
};

} // namespace benchmark

#endif
