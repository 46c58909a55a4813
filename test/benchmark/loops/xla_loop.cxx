/// \file
/// Calls what XLA's ahead-of-time compiler made of a network; the macro XLA_HEADER names its header.
/// Usage: xla_loop <input file>

#include XLA_HEADER

#include "loop.hxx"

int main(int argc, char **argv)
try {
   if (argc != 2)
      throw std::runtime_error("usage: xla_loop input");
   benchmark::Network network;
   auto const values = benchmark::ReadFloats(argv[1]);
   if (values.size() * sizeof(float) != static_cast<std::size_t>(network.arg_size(0)))
      throw std::runtime_error("the input has another size");
   std::copy(values.begin(), values.end(), network.arg0_data());
   auto const run = [&] {
      if (!network.Run())
         throw std::runtime_error("the network does not run: " + network.error_msg());
   };
   benchmark::Serve(run, [&] {
      auto const *first = network.result0_data();
      return std::vector<float>(first, first + network.result_size(0) / sizeof(float));
   });
} catch (std::exception const &error) {
   std::cerr << error.what() << std::endl;
   return 1;
}
