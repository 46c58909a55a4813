// The reader as a generated header has it, for test_weights.py, which writes model.hxx.
//   reader FILE FINGERPRINT TENSOR...   TENSOR is name:float|double:length:file; the raw values go to that file

#include "model.hxx"

#include <chrono>
#include <clocale>
#include <iostream>

using namespace TMVA_SOFIE_Model::Kernel;

namespace {

std::vector<std::string> Split(const std::string &text)
{
   std::vector<std::string> words(1);
   for (char c : text) {
      if (c == ':')
         words.emplace_back();
      else
         words.back() += c;
   }
   return words;
}

} // namespace

int main(int argc, char **argv)
{
   std::setlocale(LC_ALL, ""); // a program may have any locale
   std::vector<std::vector<std::string>> tensors;
   for (int i = 3; i < argc; ++i)
      tensors.push_back(Split(argv[i]));
   std::vector<std::vector<char>> values;
   std::vector<WeightTarget> targets;
   for (const auto &t : tensors) {
      std::size_t const length = std::stoul(t[2]);
      values.emplace_back(length * (t[1] == "double" ? 8 : 4));
      targets.push_back({t[0].c_str(), length, t[1] == "double", values.back().data()});
   }
   try {
      auto const start = std::chrono::steady_clock::now();
      ReadWeights(argv[1], "Model", targets.data(), targets.size(), std::stoull(argv[2]));
      std::cout << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() << "\n";
   } catch (const std::runtime_error &e) {
      std::cerr << e.what() << "\n";
      return 1;
   }
   for (std::size_t i = 0; i < tensors.size(); ++i)
      std::ofstream(tensors[i][3], std::ios::binary)
         .write(values[i].data(), static_cast<std::streamsize>(values[i].size()));
}
