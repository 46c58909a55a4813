/// \file
/// Times a generated header. Usage: session_loop doInfer|infer <weights file> <input file> <size of the output>

#include "session_loop.hxx"

int main(int argc, char **argv)
try {
   if (argc != 5)
      throw std::runtime_error("usage: session_loop doInfer|infer weights input size");
   benchmark::ModelLoop model(argv[2], argv[3], std::stoull(argv[4]));
   auto output = [&]() -> std::vector<float> const & { return model.Output(); };
   if (std::string(argv[1]) == "infer")
      benchmark::Serve([&] { model.Infer(); }, output);
   else
      benchmark::Serve([&] { model.DoInfer(); }, output);
} catch (std::exception const &error) {
   std::cerr << error.what() << std::endl;
   return 1;
}
