/// \file
/// Where the time of a call goes. A header that is compiled with TMVA_SOFIE_PROFILE reads the clock behind each operator; without it
/// the lines SOFIE_PROFILE(...) are empty.
#pragma once

#include "Vector.hxx"

#if defined(TMVA_SOFIE_PROFILE)
#include <chrono>
#include <vector>
#endif

#if defined(TMVA_SOFIE_PROFILE)
#define SOFIE_PROFILE(call) session.fProfile.call
namespace Kernel {

/// Time, calls and work of each operator, added up over the calls of doInfer.
class Profile {
public:
   struct Entry {
      std::uint64_t fTicks = 0;
      std::uint64_t fCalls = 0;
      double fFlops = 0; ///< A multiply-add is two.
      double fBytes = 0; ///< Of inputs, weights and outputs.
   };

   /// The clock, read once everything before it is done.
   static std::uint64_t Ticks()
   {
#if defined(__x86_64__)
      __builtin_ia32_lfence();
      return __builtin_ia32_rdtsc();
#else
      return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
   }
   /// What reading it takes.
   static std::uint64_t TicksOfReading()
   {
      std::uint64_t least = ~std::uint64_t(0);
      for (int i = 0; i < 1000; ++i) {
         std::uint64_t const start = Ticks(), took = Ticks() - start;
         least = took < least ? took : least;
      }
      return least;
   }

   /// The first operator starts.
   void Start() { fLast = Ticks(); }
   /// An operator has done a part of its work, and another one within it takes over.
   void Part(size_t index) { Add(index); }
   /// An operator has done all of it.
   void Done(size_t index, double flops, double bytes)
   {
      Entry &entry = Add(index);
      ++entry.fCalls;
      entry.fFlops += flops;
      entry.fBytes += bytes;
      fLast = Ticks();
   }

   /// What was added up for the operators, in their order in profileDescription; it starts anew.
   std::vector<Entry> Take(size_t operators)
   {
      std::vector<Entry> entries;
      entries.swap(fEntries);
      entries.resize(operators);
      return entries;
   }
   /// The unit of the clock, measured since the Session was made.
   double SecondsPerTick() const
   {
      std::chrono::duration<double> const seconds = std::chrono::steady_clock::now() - fMade;
      return seconds.count() / double(Ticks() - fFirst);
   }

private:
   std::vector<Entry> fEntries;
   std::chrono::steady_clock::time_point fMade = std::chrono::steady_clock::now();
   std::uint64_t fFirst = Ticks();
   std::uint64_t fLast = 0;
   std::uint64_t fReading = TicksOfReading();

   Entry &Add(size_t index)
   {
      std::uint64_t const ticks = Ticks() - fLast;
      if (index >= fEntries.size())
         fEntries.resize(index + 1);
      fEntries[index].fTicks += ticks > fReading ? ticks - fReading : 0;
      fLast = Ticks();
      return fEntries[index];
   }
};

} // namespace Kernel
#else
#define SOFIE_PROFILE(call)
#endif
