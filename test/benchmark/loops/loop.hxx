/// \file
/// What every timing program of the benchmark in C++ has in common: its input, and the conversation with bench.py.
///
/// A timing program is started once, prepares itself, and then answers each line on its standard input by one line:
/// `output` by the network's output, and a number n by the nanoseconds that n calls took: the CPU time of the whole process,
/// which a busy machine does not lengthen, and to which a second thread would add.

#ifndef PYSOFIE_BENCHMARK_LOOP
#define PYSOFIE_BENCHMARK_LOOP

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <time.h>

namespace benchmark {

/// Read a file of float numbers, as numpy's tofile writes it.
inline std::vector<float> ReadFloats(std::string const &path)
{
   std::ifstream file(path, std::ios::binary);
   std::vector<char> const bytes{std::istreambuf_iterator<char>(file), {}};
   if (!file || bytes.empty() || bytes.size() % sizeof(float) != 0)
      throw std::runtime_error("cannot read numbers from " + path);
   std::vector<float> values(bytes.size() / sizeof(float));
   std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char *>(values.data()));
   return values;
}

/// The CPU time of this process in nanoseconds.
inline long long CpuTime()
{
   timespec time;
   clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
   return 1'000'000'000LL * time.tv_sec + time.tv_nsec;
}

/// Call `call` n times and return the nanoseconds that it took. The compiler must assume that memory changes between two
/// calls, so that none is moved out of the loop or left out.
template <class Call>
long long Time(std::size_t n, Call &&call)
{
   auto const start = CpuTime();
   for (std::size_t i = 0; i < n; ++i) {
      call();
      asm volatile("" ::: "memory");
   }
   return CpuTime() - start;
}

/// Answer bench.py until it closes the pipe. `output` returns what the last call computed, as a container of float.
template <class Call, class Output>
void Serve(Call &&call, Output &&output)
{
   std::cout.precision(std::numeric_limits<float>::max_digits10);
   for (std::string line; std::getline(std::cin, line);) {
      if (line == "output") {
         call();
         for (float value : output())
            std::cout << value << ' ';
         std::cout << std::endl;
      } else {
         std::cout << Time(std::stoull(line), call) << std::endl;
      }
   }
}

} // namespace benchmark

#endif
