// What one core can do: the rate of multiply-adds in registers, and of reading from a level of memory. machine.py compiles it for the
// machine that it runs on. Each figure is the best of some short repetitions, and of the widths of vectors that there are:
// narrower ones may be faster.

#include <cstddef>
#include <vector>

#include <time.h>

namespace {

constexpr int kRepetitions = 12;

/// A line of a cache: what is read must not be in two of them by chance.
struct alignas(64) Line {
   float fValues[16] = {};
};

/// The CPU time of this thread in nanoseconds, which a busy machine does not lengthen.
double Now()
{
   timespec time;
   clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
   return 1e9 * time.tv_sec + time.tv_nsec;
}

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
      double const start = Now();
      for (std::size_t i = 0; i < n; ++i) {
#pragma GCC unroll 12
         for (int k = 0; k < 12; ++k) {
            sum[k] = sum[k] * factor + factor;
            Keep(sum[k]);
         }
      }
      return 12. * 2. * kLanes * n / (Now() - start);
   }

   static double Read(std::vector<Line> const &lines, std::size_t n)
   {
      auto const *const data = reinterpret_cast<float const *>(lines.data());
      std::size_t const size = lines.size() * (sizeof(Line) / sizeof(float));
      double const start = Now();
      for (std::size_t i = 0; i < n; ++i)
         for (std::size_t at = 0; at + 8 * kLanes <= size; at += 8 * kLanes)
#pragma GCC unroll 8
            for (int k = 0; k < 8; ++k) {
               Floats value;
               __builtin_memcpy(&value, data + at + k * kLanes, W);
               asm volatile("" ::"x"(value));
            }
      return 1. * n * lines.size() * sizeof(Line) / (Now() - start);
   }
};

template <class Measure>
double Best(Measure const &measure)
{
   double best = 0;
   for (int i = 0; i < kRepetitions; ++i) {
      double const figure = measure();
      best = figure > best ? figure : best;
   }
   return best;
}

template <class Measure>
double BestOfWidths(Measure const &measure)
{
   double best = Best([&] { return measure(Vectors<16>()); });
#ifdef __AVX__
   double const wide = Best([&] { return measure(Vectors<32>()); });
   best = wide > best ? wide : best;
#endif
#ifdef __AVX512F__
   double const widest = Best([&] { return measure(Vectors<64>()); });
   best = widest > best ? widest : best;
#endif
   return best;
}

} // namespace

/// GFLOP/s, a multiply-add being two.
extern "C" __attribute__((visibility("default"))) double MultiplyAdds()
{
   return BestOfWidths([](auto vectors) { return vectors.Multiply(200'000); });
}

/// GB/s, of so many bytes that are read again and again.
extern "C" __attribute__((visibility("default"))) double Reading(std::size_t bytes)
{
   std::vector<Line> const lines(bytes / sizeof(Line));
   std::size_t const n = (64 << 20) / bytes;
   return BestOfWidths([&](auto vectors) { return vectors.Read(lines, n > 0 ? n : 1); });
}
