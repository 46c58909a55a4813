// SofieFunctor on Sessions of every kind that it takes, for test_functor.py; built with ThreadSanitizer.

#include "TMVA/SOFIEHelpers.hxx"

#include <cstdint>
#include <cstdio>
#include <thread>

using TMVA::Experimental::SofieFunctor;

namespace {

int gRead = 0; ///< How often weights were read.
int gFailures = 0;

void Check(bool isTrue, const char *what)
{
   if (!isTrue) {
      std::printf("failed: %s\n", what);
      ++gFailures;
   }
}

/// As ROOT 6.36 writes it, with state that a second thread would disturb.
struct Old {
   float fState = 0;
   explicit Old(std::string filename = "Old.dat")
   {
      ++gRead;
      if (filename == "missing.dat")
         throw std::runtime_error("tmva-sofie failed to open file " + filename + " for input weights");
   }
   Old(Old &&) = default;
   std::vector<float> infer(float *x)
   {
      fState = x[0];
      fState += 10 * x[1];
      return {fState};
   }
};

/// Weights that Sessions share, a named batch dimension, over-aligned.
struct alignas(128) Shared {
   std::shared_ptr<int> fWeights;
   explicit Shared(std::string = "", std::size_t = 1) : fWeights(std::make_shared<int>(++gRead)) {}
   explicit Shared(std::shared_ptr<int> weights) : fWeights(std::move(weights)) {}
   std::vector<float> infer(std::size_t batch, float const *x)
   {
      Check(reinterpret_cast<std::uintptr_t>(this) % 128 == 0, "the Session is aligned");
      return {static_cast<float>(batch) * (x[0] + 10 * x[1])};
   }
};

struct Double {
   std::vector<std::vector<double>> infer(double const *x) { return {{x[0] + 10 * x[1]}, {}}; }
   explicit Double(std::string = "") {}
};

struct Mixed {
   std::tuple<std::vector<std::int64_t>, std::vector<float>> infer(std::size_t, double const *x)
   {
      return {{static_cast<std::int64_t>(x[0] + 10 * x[1])}, {}};
   }
   explicit Mixed(std::string = "") {}
};

template <typename Functor>
void CheckValue(const Functor &functor, const char *what)
{
   Check(functor(0, 2, 3) == 32, what);
}

template <typename F>
bool Throws(F f, const std::string &message)
{
   try {
      f();
   } catch (const std::exception &e) {
      return std::string(e.what()).find(message) != std::string::npos;
   }
   return false;
}

/// Many threads, all of them on the same slots.
template <typename Functor>
void Race(Functor functor, unsigned int nSlots)
{
   std::vector<std::thread> threads;
   for (int t = 0; t < 4; ++t)
      threads.emplace_back([functor, nSlots, t] {
         for (int i = 0; i < 2000; ++i)
            if (functor(static_cast<unsigned int>(i) % nSlots, static_cast<float>(t), 1) != t + 10)
               std::printf("failed: a race\n");
      });
   for (auto &thread : threads)
      thread.join();
}

} // namespace

int main()
{
   CheckValue(SofieFunctor<2, Old>(), "Old");
   CheckValue(SofieFunctor<2, Shared>(), "Shared");
   CheckValue(SofieFunctor<2, Double>(), "Double");
   CheckValue(SofieFunctor<2, Mixed>(), "Mixed");
   CheckValue(SofieFunctor<2, Old, double>(), "columns of double");
   CheckValue(SofieFunctor<2, Double, int>(), "columns of int");

   gRead = 0;
   auto const three = SofieFunctor<2, Old>(3, "Old.dat");
   Check(gRead == 3, "three Sessions");
   Check(Throws([&] { three(3, 1, 2); }, "was made for 3 slots and was called for slot 3"), "slot 3 of 3");
   Check(Throws([&] { three(4000000000u, 1, 2); }, "slot 4000000000"), "slot 4000000000 of 3");
   Check(Throws([] { SofieFunctor<2, Old>(2, "missing.dat"); }, "missing.dat"), "no weights");

   gRead = 0;
   auto const shared = SofieFunctor<2, Shared>(7);
   Check(gRead == 1, "weights are read once");

   Race(three, 3);
   Race(shared, 7);
   Race(SofieFunctor<2, Shared>(), 5);
   Race(SofieFunctor<2, Old>(), 2);
   return gFailures;
}
