/// \file
/// What one core of this machine can do: the rate of multiply-adds in registers, and of reading from each level of memory.
/// Prints a name and a figure a line, for each width of vectors: GFLOP/s, GB/s. Each is the best of some short repetitions.

#include "loop.hxx"

namespace {

constexpr int kRepetitions = 12;

/// \tparam W  bytes of a vector
template <int W>
struct Vectors {
   typedef float Floats __attribute__((vector_size(W)));
   static constexpr int kLanes = W / sizeof(float);

   static void Keep(Floats &value) { asm volatile("" : "+x"(value)); }

   /// Chains of multiply-adds, enough of them that none waits for another.
   static double Multiply(std::size_t n)
   {
      Floats sum[12] = {}, factor = {};
      Keep(factor);
      auto const start = benchmark::CpuTime();
      for (std::size_t i = 0; i < n; ++i) {
#pragma GCC unroll 12
         for (int k = 0; k < 12; ++k) {
            sum[k] = sum[k] * factor + factor;
            Keep(sum[k]);
         }
      }
      return 12. * 2. * kLanes * n / (benchmark::CpuTime() - start);
   }

   static double Read(std::vector<float> const &data, std::size_t n)
   {
      auto const start = benchmark::CpuTime();
      for (std::size_t i = 0; i < n; ++i)
         for (std::size_t at = 0; at + 8 * kLanes <= data.size(); at += 8 * kLanes)
#pragma GCC unroll 8
            for (int k = 0; k < 8; ++k) {
               Floats value;
               __builtin_memcpy(&value, data.data() + at + k * kLanes, W);
               asm volatile("" ::"x"(value));
            }
      return 1. * n * data.size() * sizeof(float) / (benchmark::CpuTime() - start);
   }
};

template <class Measure>
double Best(Measure &&measure)
{
   double best = 0;
   for (int i = 0; i < kRepetitions; ++i)
      best = std::max(best, measure());
   return best;
}

template <class Vectors>
void Print()
{
   auto const read = [](std::size_t bytes) {
      std::vector<float> const data(bytes / sizeof(float), 0.5f);
      return Best([&] { return Vectors::Read(data, (256 << 20) / bytes); });
   };
   std::cout << "fma " << Best([] { return Vectors::Multiply(1'000'000); }) << "\nl1 " << read(16 << 10) << "\nl2 "
             << read(256 << 10) << "\nmemory " << read(256 << 20) << '\n';
}

} // namespace

/// Compiled for this machine, thus with its widest vectors; narrower ones may be faster.
int main()
{
   Print<Vectors<16>>();
#ifdef __AVX__
   Print<Vectors<32>>();
#endif
#ifdef __AVX512F__
   Print<Vectors<64>>();
#endif
}
