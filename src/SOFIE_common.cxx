/// \file SOFIE_common.cxx
/// \ingroup TMVA
/// \author the pysofie authors
/// \date November 2026

#include "TMVA/SOFIE_common.hxx"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

bool IsAlphaNumeric(char c)
{
   // not std::isalnum, whose answer depends on the locale
   return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsDigits(std::string_view s)
{
   return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <typename T>
std::string FloatToString(T value, const char *type)
{
   if (!std::isfinite(value)) {
      std::string const limit = std::isnan(value) ? "quiet_NaN" : "infinity";
      return (std::signbit(value) ? "-std::numeric_limits<" : "std::numeric_limits<") + std::string(type) +
             ">::" + limit + "()";
   }
   std::array<char, 40> buffer;
#ifdef __cpp_lib_to_chars
   auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general,
                                  std::numeric_limits<T>::max_digits10)
                       .ptr;
   std::string text(buffer.data(), end);
#else
   int const n = std::snprintf(buffer.data(), buffer.size(), "%.*g", std::numeric_limits<T>::max_digits10,
                               static_cast<double>(value));
   std::string text(buffer.data(), static_cast<std::size_t>(n));
   std::replace(text.begin(), text.end(), ',', '.'); // the decimal point of some locales
#endif
   // without a point or an exponent it would be an integer literal, and -0 would lose its sign
   return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

template <typename D>
std::string ShapeToString(const std::vector<D> &shape, std::string (*toString)(const D &))
{
   std::string text = "{ ";
   for (std::size_t i = 0; i < shape.size(); ++i)
      text += (i == 0 ? "" : " , ") + toString(shape[i]);
   return text + (shape.empty() ? "}" : " }");
}

/// The common shape of two, with numbers aligned at the end; `one` is the dimension 1.
template <typename D>
std::pair<int, std::vector<D>> BroadcastShapes(const std::vector<D> &a, const std::vector<D> &b,
                                               std::string (*toString)(const std::vector<D> &))
{
   D const one(1);
   std::size_t const rank = std::max(a.size(), b.size());
   std::vector<D> shape(rank, one);
   int flag = 0;
   for (std::size_t i = 0; i < rank; ++i) {
      D const dimA = i < rank - a.size() ? one : a[i - (rank - a.size())];
      D const dimB = i < rank - b.size() ? one : b[i - (rank - b.size())];
      if (dimA != dimB && dimA != one && dimB != one)
         throw std::runtime_error("TMVA-SOFIE: cannot broadcast the shapes " + toString(a) + " and " + toString(b) +
                                  " to a common one");
      if (dimA != dimB)
         flag |= dimB == one ? 1 : 2;
      shape[i] = dimA == one ? dimB : dimA;
   }
   if (b.size() < rank)
      flag |= 1;
   if (a.size() < rank)
      flag |= 2;
   return {flag, std::move(shape)};
}

} // namespace

std::string ConvertTypeToString(ETensorType type)
{
   switch (type) {
   case ETensorType::FLOAT: return "float";
   case ETensorType::DOUBLE: return "double";
   case ETensorType::BOOL: return "bool";
   case ETensorType::INT8: return "int8_t";
   case ETensorType::INT16: return "int16_t";
   case ETensorType::INT32: return "int32_t";
   case ETensorType::INT64: return "int64_t";
   case ETensorType::UINT8: return "uint8_t";
   case ETensorType::UINT16: return "uint16_t";
   case ETensorType::UINT32: return "uint32_t";
   case ETensorType::UINT64: return "uint64_t";
   case ETensorType::FLOAT16: return "float16";
   case ETensorType::BFLOAT16: return "bfloat16";
   default: return "other_" + std::to_string(static_cast<int>(type));
   }
}

std::string ConvertTypeToStorage(ETensorType type)
{
   switch (type) {
   case ETensorType::BOOL: return "uint8_t";
   case ETensorType::FLOAT16:
   case ETensorType::BFLOAT16: return "uint16_t";
   default: return ConvertTypeToString(type);
   }
}

ETensorType ConvertStringToType(const std::string &type)
{
   static const std::map<std::string_view, ETensorType> types = {
      {"float", ETensorType::FLOAT},       {"Float", ETensorType::FLOAT},     {"float32", ETensorType::FLOAT},
      {"double", ETensorType::DOUBLE},     {"float64", ETensorType::DOUBLE},  {"bool", ETensorType::BOOL},
      {"int8", ETensorType::INT8},         {"int8_t", ETensorType::INT8},     {"int16", ETensorType::INT16},
      {"int16_t", ETensorType::INT16},     {"int32", ETensorType::INT32},     {"int32_t", ETensorType::INT32},
      {"int", ETensorType::INT32},         {"int64", ETensorType::INT64},     {"int64_t", ETensorType::INT64},
      {"uint8", ETensorType::UINT8},       {"uint8_t", ETensorType::UINT8},   {"uint16", ETensorType::UINT16},
      {"uint16_t", ETensorType::UINT16},   {"uint32", ETensorType::UINT32},   {"uint32_t", ETensorType::UINT32},
      {"uint64", ETensorType::UINT64},     {"uint64_t", ETensorType::UINT64}, {"float16", ETensorType::FLOAT16},
      {"bfloat16", ETensorType::BFLOAT16},
   };
   auto const it = types.find(type);
   return it == types.end() ? ETensorType::UNDEFINED : it->second;
}

Dim::Dim(const std::string &p, std::size_t d) : isParam(true), dim(d), param(p)
{
   std::size_t number = 0;
   if (IsDigits(p) && std::from_chars(p.data(), p.data() + p.size(), number).ec == std::errc()) {
      isParam = false;
      dim = number;
      param.clear();
   }
}

std::string Dim::GetVal() const
{
   return isParam ? param : std::to_string(static_cast<std::int64_t>(dim));
}

std::ostream &operator<<(std::ostream &os, const Dim &d)
{
   return os << d.GetVal();
}

std::size_t ConvertShapeToLength(const std::vector<std::size_t> &shape)
{
   if (std::find(shape.begin(), shape.end(), 0) != shape.end())
      return 0;
   std::size_t length = 1;
   for (std::size_t d : shape) {
      if (d > std::numeric_limits<std::size_t>::max() / length)
         throw std::runtime_error("TMVA-SOFIE: the shape " + ConvertShapeToString(shape) + " has too many elements");
      length *= d;
   }
   return length;
}

std::string ConvertShapeToString(const std::vector<std::size_t> &shape)
{
   return ShapeToString<std::size_t>(shape, [](const std::size_t &d) { return std::to_string(d); });
}

std::string ConvertDimShapeToString(const std::vector<Dim> &shape)
{
   return ShapeToString<Dim>(shape, [](const Dim &d) { return d.GetVal(); });
}

std::string ConvertShapeToString(const std::vector<Dim> &shape)
{
   return ConvertDimShapeToString(shape);
}

std::string ConvertDynamicShapeToString(const std::vector<Dim> &shape)
{
   return ConvertDimShapeToString(shape);
}

std::string ConvertDimShapeToLength(const std::vector<Dim> &shape)
{
   return ProductOfDims(shape).GetVal();
}

std::string ConvertDynamicShapeToLength(const std::vector<Dim> &shape)
{
   return ConvertDimShapeToLength(shape);
}

std::vector<Dim> ConvertShapeToDim(const std::vector<std::size_t> &shape)
{
   return std::vector<Dim>(shape.begin(), shape.end());
}

std::vector<std::size_t> ConvertShapeToInt(const std::vector<Dim> &shape)
{
   std::vector<std::size_t> numbers;
   for (const Dim &d : shape) {
      if (d.isParam)
         return {};
      numbers.push_back(d.dim);
   }
   return numbers;
}

bool IsInteger(const std::string &s)
{
   std::string_view digits = s;
   if (!digits.empty() && (digits.front() == '-' || digits.front() == '+'))
      digits.remove_prefix(1);
   return IsDigits(digits);
}

std::string ConvertValToString(float value)
{
   return FloatToString(value, "float");
}

std::string ConvertValToString(double value)
{
   return FloatToString(value, "double");
}

TensorMemoryInfo TensorMemoryInfo::split(std::string_view new_name, std::size_t new_size)
{
   if (new_size > tensor_size)
      throw std::invalid_argument("TMVA-SOFIE: cannot cut " + std::to_string(new_size) + " bytes for " +
                                  std::string(new_name) + " off the " + std::to_string(tensor_size) + " bytes of " +
                                  std::string(tensor_name));
   tensor_size -= new_size;
   return {new_name, new_size};
}

namespace UTILITY {

std::string Clean_name(std::string input_tensor_name)
{
   std::string &name = input_tensor_name;
   std::replace(name.begin(), name.end(), '-', '_');
   name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return !IsAlphaNumeric(c) && c != '_'; }),
              name.end());
   return name;
}

bool AreSameShape(const std::vector<std::size_t> &shapeA, const std::vector<std::size_t> &shapeB)
{
   return shapeA == shapeB;
}

bool AreSameShape(const std::vector<std::size_t> &shapeA, const std::vector<Dim> &shapeB)
{
   return std::equal(shapeA.begin(), shapeA.end(), shapeB.begin(), shapeB.end(),
                     [](std::size_t a, const Dim &b) { return !b.isParam && a == b.dim; });
}

bool AreSameShape(const std::vector<Dim> &shapeA, const std::vector<Dim> &shapeB)
{
   return shapeA == shapeB;
}

std::vector<std::size_t> MultidirectionalBroadcastShape(const std::vector<std::vector<std::size_t>> &shapes)
{
   std::vector<std::size_t> common;
   for (const auto &shape : shapes)
      common = MultidirectionalBroadcastShape(common, shape).second;
   return common;
}

std::pair<int, std::vector<std::size_t>> MultidirectionalBroadcastShape(const std::vector<std::size_t> &shapeA,
                                                                        const std::vector<std::size_t> &shapeB)
{
   return BroadcastShapes<std::size_t>(shapeA, shapeB, ConvertShapeToString);
}

std::pair<int, std::vector<Dim>> MultidirectionalBroadcastShape(const std::vector<Dim> &shapeA,
                                                                const std::vector<Dim> &shapeB)
{
   return BroadcastShapes<Dim>(shapeA, shapeB, ConvertShapeToString);
}

std::vector<std::size_t> UnidirectionalBroadcastShape(const std::vector<std::size_t> &shapeA,
                                                      const std::vector<std::size_t> &shapeB)
{
   auto [flag, shape] = MultidirectionalBroadcastShape(shapeA, shapeB);
   if ((flag & 1) != 0)
      throw std::runtime_error("TMVA-SOFIE: cannot broadcast the shape " + ConvertShapeToString(shapeA) + " to " +
                               ConvertShapeToString(shapeB));
   return shape;
}

std::vector<std::size_t> ComputeStrideFromShape(const std::vector<std::size_t> &shape)
{
   std::vector<std::size_t> strides(shape.size(), 1);
   for (std::size_t i = shape.size(); i-- > 1;)
      strides[i - 1] = strides[i] * shape[i];
   return strides;
}

std::vector<Dim> ComputeStrideFromShape(const std::vector<Dim> &shape)
{
   std::vector<Dim> strides(shape.size(), Dim(1));
   for (std::size_t i = shape.size(); i-- > 1;)
      strides[i - 1] = MulDims(strides[i], shape[i]);
   return strides;
}

} // namespace UTILITY

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
