// The writers of weight files, for test_weights.py. A tensor is name:float|double:file, the file holding its raw values.
//   writer text|binary FILE TENSOR...   writes a weight file
//   writer fingerprint TENSOR...        prints the fingerprint
//   writer content FILE                 writes the standard input

#include "TMVA/SOFIE/RWeightFile.hxx"

#include <csignal>
#include <iostream>
#include <iterator>

using namespace TMVA::Experimental::SOFIE::Internal;

namespace {

struct Tensor {
   std::string fName;
   bool fIsDouble = false;
   std::vector<char> fValues;
};

std::vector<char> ReadAll(std::istream &in)
{
   return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Tensor ToTensor(const std::string &text)
{
   std::size_t const first = text.find(':'), second = text.find(':', first + 1);
   std::ifstream file(text.substr(second + 1), std::ios::binary);
   return {text.substr(0, first), text.substr(first + 1, second - first - 1) == "double", ReadAll(file)};
}

} // namespace

int main(int argc, char **argv)
{
   std::signal(SIGXFSZ, SIG_IGN); // a limit on the size of files is this test's full disk
   try {
      std::vector<std::string> const words(argv + 1, argv + argc);
      std::size_t const nSkip = words[0] == "fingerprint" ? 1 : 2;
      std::vector<Tensor> tensors;
      for (std::size_t i = nSkip; i < words.size(); ++i)
         tensors.push_back(ToTensor(words[i]));
      std::vector<WeightTarget> targets;
      for (Tensor &t : tensors)
         targets.push_back({t.fName.c_str(), t.fValues.size() / (t.fIsDouble ? 8 : 4), t.fIsDouble, t.fValues.data()});
      if (words[0] == "text") {
         WriteTextWeights(words[1], targets);
      } else if (words[0] == "binary") {
         WriteBinaryWeights(words[1], targets);
      } else if (words[0] == "fingerprint") {
         std::cout << Fingerprint(targets) << "\n";
      } else {
         std::vector<char> const content = ReadAll(std::cin);
         WriteFileAtomically(words[1], {content.data(), content.size()});
      }
   } catch (const std::exception &e) {
      std::cerr << e.what() << "\n";
      return 1;
   }
}
