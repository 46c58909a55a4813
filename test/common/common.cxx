// Answers one question per line of the standard input, words separated by tabs; test_common.py asks.

#include "TMVA/SOFIE_common.hxx"

#include <cstring>
#include <iostream>
#include <sstream>
#include <stdexcept>

using namespace TMVA::Experimental::SOFIE;

namespace {

Dim ToDim(const std::string &text)
{
   bool const isName = text.find_first_of("+-*/() ") == std::string::npos;
   if (text.size() > 1 && text[0] == '-' && IsInteger(text))
      return Dim(static_cast<std::size_t>(std::stoll(text)));
   return Dim(text, isName ? 0 : static_cast<std::size_t>(-1));
}

std::vector<Dim> ToShape(const std::string &text)
{
   std::vector<Dim> shape;
   std::istringstream words(text);
   for (std::string word; words >> word;)
      shape.push_back(ToDim(word));
   return shape;
}

template <typename F, typename I>
F FromBits(const std::string &hex)
{
   I const bits = static_cast<I>(std::stoull(hex, nullptr, 16));
   F value;
   std::memcpy(&value, &bits, sizeof(value));
   return value;
}

std::string Answer(const std::vector<std::string> &w)
{
   const std::string &question = w[0];
   if (question == "add")
      return AddDims(ToDim(w[1]), ToDim(w[2])).GetVal();
   if (question == "sub")
      return SubtractDims(ToDim(w[1]), ToDim(w[2])).GetVal();
   if (question == "mul")
      return MulDims(ToDim(w[1]), ToDim(w[2])).GetVal();
   if (question == "div")
      return DivDims(ToDim(w[1]), ToDim(w[2])).GetVal();
   if (question == "product")
      return ProductOfDims(ToShape(w[1])).GetVal();
   if (question == "substitute")
      return SubstituteDim(ToDim(w[1]), {{w[2], std::stoul(w[3])}}).GetVal();
   if (question == "names") {
      std::string names;
      for (const std::string &name : GetDimNames(ToDim(w[1])))
         names += (names.empty() ? "" : " ") + name;
      return names;
   }
   if (question == "is_expression")
      return std::to_string(ToDim(w[1]).IsExpression());
   if (question == "length")
      return std::to_string(ConvertShapeToLength(ConvertShapeToInt(ToShape(w[1]))));
   if (question == "shape")
      return ConvertShapeToString(ConvertShapeToInt(ToShape(w[1])));
   if (question == "dim_shape")
      return ConvertDimShapeToString(ToShape(w[1]));
   if (question == "to_int")
      return std::to_string(ConvertShapeToInt(ToShape(w[1])).size());
   if (question == "strides")
      return ConvertShapeToString(UTILITY::ComputeStrideFromShape(ToShape(w[1])));
   if (question == "broadcast") {
      auto const [flag, shape] = UTILITY::MultidirectionalBroadcastShape(ToShape(w[1]), ToShape(w[2]));
      return std::to_string(flag) + " " + ConvertShapeToString(shape);
   }
   if (question == "unidirectional")
      return ConvertShapeToString(
         UTILITY::UnidirectionalBroadcastShape(ConvertShapeToInt(ToShape(w[1])), ConvertShapeToInt(ToShape(w[2]))));
   if (question == "broadcast_tensor") {
      auto const shape = ConvertShapeToInt(ToShape(w[1]));
      auto const target = ConvertShapeToInt(ToShape(w[2]));
      std::vector<int> in(ConvertShapeToLength(shape)), out(ConvertShapeToLength(target));
      for (std::size_t i = 0; i < in.size(); ++i)
         in[i] = static_cast<int>(i);
      UTILITY::BroadcastTensor(in.data(), shape, target, out.data());
      return ConvertValuesToString(out);
   }
   if (question == "clean")
      return UTILITY::Clean_name(w[1]);
   if (question == "type")
      return ConvertTypeToString(ConvertStringToType(w[1]));
   if (question == "type_size")
      return std::to_string(GetTypeSize(ConvertStringToType(w[1])));
   if (question == "float")
      return ConvertValToString(FromBits<float, std::uint32_t>(w[1]));
   if (question == "double")
      return ConvertValToString(FromBits<double, std::uint64_t>(w[1]));
   if (question == "int64")
      return ConvertValToString(static_cast<std::int64_t>(std::stoll(w[1])));
   if (question == "uint64")
      return ConvertValToString(static_cast<std::uint64_t>(std::stoull(w[1])));
   if (question == "values") {
      std::vector<bool> const bools = {true, false, true};
      std::vector<float> const floats = {1.f, -0.f, 0.1f};
      return ConvertValuesToString(bools) + ConvertValuesToString(floats.size(), floats.data(), 2);
   }
   if (question == "split") {
      TensorMemoryInfo piece{"a", 100};
      TensorMemoryInfo const cut = piece.split("b", std::stoul(w[1]));
      std::string const sizes = std::to_string(piece.tensor_size) + " " + std::to_string(cut.tensor_size);
      piece.merge(cut);
      return sizes + " " + std::to_string(piece.tensor_size);
   }
   throw std::invalid_argument("no such question: " + question);
}

static_assert(ETensorType::UINT8 == ETensorType::UNINT8);
static_assert(GetTemplatedType(1.f) == ETensorType::FLOAT && GetTemplatedType<double>() == ETensorType::DOUBLE);
static_assert(GetTemplatedType(true) == ETensorType::BOOL && GetTemplatedType<long>() == ETensorType::INT64);
static_assert(GetTemplatedType<long long>() == ETensorType::INT64 &&
              GetTemplatedType<char *>() == ETensorType::UNDEFINED);
static_assert(GetTemplatedType<std::uint8_t>() == ETensorType::UINT8);

} // namespace

int main()
{
   for (std::string line; std::getline(std::cin, line);) {
      std::vector<std::string> words;
      std::size_t begin = 0;
      for (std::size_t end; (end = line.find('\t', begin)) != std::string::npos; begin = end + 1)
         words.push_back(line.substr(begin, end - begin));
      words.push_back(line.substr(begin));
      try {
         std::cout << Answer(words) << "\n";
      } catch (const std::exception &e) {
         std::cout << "error: " << e.what() << "\n";
      }
   }
}
