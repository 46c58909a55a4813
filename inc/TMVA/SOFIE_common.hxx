/// \file TMVA/SOFIE_common.hxx
/// \ingroup TMVA
/// \brief Tensor types, dimensions and shapes: the vocabulary of everything in TMVA::Experimental::SOFIE.
/// \author the pysofie authors
/// \date November 2026

#ifndef TMVA_SOFIE_SOFIE_COMMON
#define TMVA_SOFIE_SOFIE_COMMON

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if __cplusplus >= 202002L
#include <span>
#endif

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \brief The type of a tensor's elements; the values are those of ONNX.
enum class ETensorType {
   UNDEFINED = 0,
   FLOAT = 1,
   UINT8 = 2,
   UNINT8 = 2, ///< The name of UINT8 in ROOT 6.36 and before.
   INT8 = 3,
   UINT16 = 4,
   INT16 = 5,
   INT32 = 6,
   INT64 = 7,
   STRING = 8,
   BOOL = 9,
   FLOAT16 = 10,
   DOUBLE = 11,
   UINT32 = 12,
   UINT64 = 13,
   COMPLEX64 = 14,
   COMPLEX28 = 15, ///< Sic, as in ROOT.
   BFLOAT16 = 16
};

/// \brief An activation that an operator may apply to its own output.
enum class EActivationType { UNDEFINED = 0, RELU = 1, SOFTMAX = 2, SIGMOID = 3, LEAKYRELU = 4, TANH = 5, ELU = 6 };

/// \brief The integer type of operator attributes.
typedef std::int64_t int_t;

/// \brief Size in bytes of one element; 0 for a type that the generated code cannot hold.
constexpr std::size_t GetTypeSize(ETensorType type)
{
   switch (type) {
   case ETensorType::BOOL: return sizeof(bool);
   case ETensorType::INT8:
   case ETensorType::UINT8: return 1;
   case ETensorType::INT16:
   case ETensorType::UINT16:
   case ETensorType::FLOAT16:
   case ETensorType::BFLOAT16: return 2;
   case ETensorType::FLOAT:
   case ETensorType::INT32:
   case ETensorType::UINT32: return 4;
   case ETensorType::DOUBLE:
   case ETensorType::INT64:
   case ETensorType::UINT64: return 8;
   default: return 0;
   }
}

/// \brief The tensor type whose elements are of C++ type `T`; UNDEFINED where there is none.
/// \param[in] value Only its type counts.
template <typename T>
constexpr ETensorType GetTemplatedType([[maybe_unused]] T value = T())
{
   if constexpr (std::is_same_v<T, float>) {
      return ETensorType::FLOAT;
   } else if constexpr (std::is_same_v<T, double>) {
      return ETensorType::DOUBLE;
   } else if constexpr (std::is_same_v<T, bool>) {
      return ETensorType::BOOL;
   } else if constexpr (std::is_integral_v<T> && sizeof(T) == 1) {
      return std::is_signed_v<T> ? ETensorType::INT8 : ETensorType::UINT8;
   } else if constexpr (std::is_integral_v<T> && sizeof(T) == 2) {
      return std::is_signed_v<T> ? ETensorType::INT16 : ETensorType::UINT16;
   } else if constexpr (std::is_integral_v<T> && sizeof(T) == 4) {
      return std::is_signed_v<T> ? ETensorType::INT32 : ETensorType::UINT32;
   } else if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
      return std::is_signed_v<T> ? ETensorType::INT64 : ETensorType::UINT64;
   } else {
      return ETensorType::UNDEFINED;
   }
}

/// \brief The C++ spelling of a type, such as `float` or `int64_t`; `float16` and `bfloat16`, which C++17 has not; `other_<n>` for one that
///        the code cannot hold.
std::string ConvertTypeToString(ETensorType type);

/// \brief The C++ type that holds one element in memory: a bool is one byte, 0 or 1, and the bits of a 16-bit float are a `uint16_t`.
std::string ConvertTypeToStorage(ETensorType type);

/// \brief The type that a C++, numpy or ROOT spelling names; UNDEFINED for any other text.
ETensorType ConvertStringToType(const std::string &type);

/// \brief One dimension of a shape: a number, a name, or an expression over names.
///
/// A *name* (`isParam`, `dim` is its default size) is known when `infer` is called. An *expression* such as `2*batch+3`
/// (`isParam` and `dim == size_t(-1)`) is computed from names: see AddDims() and its siblings.
struct Dim {
   bool isParam = false; ///< True for a name or an expression.
   std::size_t dim = 0;  ///< The number; of a name, its default; size_t(-1) for an expression.
   std::string param;    ///< The name or the expression.

   /// \brief The number 0.
   Dim() = default;

   /// \brief A name or, with `size_t(-1)`, an expression; a text of digits is that number.
   Dim(const std::string &p, std::size_t d = 0);

   /// \brief A number.
   Dim(std::size_t d) : dim(d) {}

   /// \brief True for an expression, as opposed to a name or a number.
   bool IsExpression() const { return isParam && dim == static_cast<std::size_t>(-1); }

   /// \brief The name, the expression or the number as C++ text.
   std::string GetVal() const;

   /// \brief Equal numbers, or equal texts.
   bool operator==(const Dim &other) const
   {
      return isParam == other.isParam && (isParam ? param == other.param : dim == other.dim);
   }

   /// \brief The opposite of operator==.
   bool operator!=(const Dim &other) const { return !(*this == other); }
};

/// \brief Prints Dim::GetVal().
std::ostream &operator<<(std::ostream &os, const Dim &d);

/// \name Arithmetic of dimensions
/// Sums, differences, products and quotients in a normal form: numbers fold, equal terms are collected, what cancels
/// disappears, and equal polynomials have equal text (`AddDims(MulDims(Dim("n"), 2), 3)` and `2*n+3` are one). The text
/// is a C++ expression in unsigned arithmetic. An overflow or a division by zero throws std::runtime_error.
///@{

/// \brief The sum of two dimensions.
Dim AddDims(const Dim &a, const Dim &b);

/// \brief The difference of two dimensions; a number may come out as size_t of a negative one.
Dim SubtractDims(const Dim &a, const Dim &b);

/// \brief The product of two dimensions.
Dim MulDims(const Dim &a, const Dim &b);

/// \brief The quotient, rounded down, of two dimensions whose values are not negative.
///
/// It is exact where `b` divides `a` as a polynomial (`12*n/n` is 12); else it stays as text: `(n+1)/2`.
Dim DivDims(const Dim &a, const Dim &b);

/// \brief The product of all dimensions; 1 of none.
Dim ProductOfDims(const std::vector<Dim> &dims);

/// \brief The dimension with numbers in the place of those names that `values` holds.
Dim SubstituteDim(const Dim &d, const std::map<std::string, std::size_t> &values);

/// \brief The names that a dimension depends on, each once, in the order of its text.
std::vector<std::string> GetDimNames(const Dim &d);

///@}

/// \brief Type and shape of an input of the model, where a dimension may be a name.
struct InputTensorInfo {
   ETensorType type;       ///< The type of its elements.
   std::vector<Dim> shape; ///< Its shape.
};

/// \brief Type and shape of a tensor whose shape is known.
struct TensorInfo {
   ETensorType type;               ///< The type of its elements.
   std::vector<std::size_t> shape; ///< Its shape.
};

/// \brief Type and shape of a tensor some of whose dimensions depend on names.
struct DynamicTensorInfo {
   ETensorType type;       ///< The type of its elements.
   std::vector<Dim> shape; ///< Its shape.
};

/// \name Shapes
///@{

/// \brief The number of elements; 1 of a scalar. Throws std::runtime_error where it does not fit into size_t.
std::size_t ConvertShapeToLength(const std::vector<std::size_t> &shape);

/// \brief The shape as `{ 2 , 3 }`.
std::string ConvertShapeToString(const std::vector<std::size_t> &shape);

/// \brief The shape as `{ batch , 3 }`.
std::string ConvertDimShapeToString(const std::vector<Dim> &shape);

/// \brief Same as ConvertDimShapeToString().
std::string ConvertShapeToString(const std::vector<Dim> &shape);

/// \brief Same as ConvertDimShapeToString(), by its name in ROOT 6.36.
std::string ConvertDynamicShapeToString(const std::vector<Dim> &shape);

/// \brief The number of elements as C++ text, such as `3*batch`.
std::string ConvertDimShapeToLength(const std::vector<Dim> &shape);

/// \brief Same as ConvertDimShapeToLength(), by its name in ROOT 6.36.
std::string ConvertDynamicShapeToLength(const std::vector<Dim> &shape);

/// \brief The same shape with each number as a Dim.
std::vector<Dim> ConvertShapeToDim(const std::vector<std::size_t> &shape);

/// \brief The same shape as numbers; **empty** where any dimension is not a number.
std::vector<std::size_t> ConvertShapeToInt(const std::vector<Dim> &shape);

///@}

/// \brief True where the text is a decimal integer, with or without a sign.
bool IsInteger(const std::string &s);

/// \name Values as C++ text
///@{

/// \brief A literal that gives back exactly this value: 9 digits and a point or an exponent, infinities and NaN through
///        std::numeric_limits.
std::string ConvertValToString(float value);

/// \brief A literal that gives back exactly this value: 17 digits and a point or an exponent, infinities and NaN
///        through std::numeric_limits.
std::string ConvertValToString(double value);

/// \brief The integer (a bool as 0 or 1), in a form that is also valid for the smallest of its type.
template <typename T, std::enable_if_t<std::is_integral_v<T>, int> = 0>
std::string ConvertValToString(T value)
{
   if constexpr (std::is_unsigned_v<T>) {
      std::string const digits = std::to_string(static_cast<std::uint64_t>(value));
      return static_cast<std::uint64_t>(value) > static_cast<std::uint64_t>(INT64_MAX) ? digits + "u" : digits;
   } else {
      // the magnitude of the smallest 64-bit number is not a signed literal
      return static_cast<std::int64_t>(value) == INT64_MIN ? "(-9223372036854775807-1)"
                                                           : std::to_string(static_cast<std::int64_t>(value));
   }
}

/// \brief Up to `maxPrint` values as `{ a, b}`; an ellipsis stands for the others.
template <typename T>
std::string ConvertValuesToString(std::size_t n, const T *data, std::size_t maxPrint = static_cast<std::size_t>(-1))
{
   std::string text = "{ ";
   for (std::size_t i = 0; i < n && i < maxPrint; ++i) {
      text += i == 0 ? "" : ", ";
      text += ConvertValToString(data[i]);
   }
   return text + (n > maxPrint ? ", ...}" : "}");
}

/// \brief Up to `maxPrint` values as `{ a, b}`; an ellipsis stands for the others.
template <typename T>
std::string ConvertValuesToString(const std::vector<T> &data, std::size_t maxPrint = static_cast<std::size_t>(-1))
{
   std::string text = "{ ";
   for (std::size_t i = 0; i < data.size() && i < maxPrint; ++i) {
      text += i == 0 ? "" : ", ";
      text += ConvertValToString(static_cast<T>(data[i]));
   }
   return text + (data.size() > maxPrint ? ", ...}" : "}");
}

///@}

/// \brief A tensor whose values are known when the code is generated: a weight or a constant.
class InitializedTensor {
private:
   bool fConstant = false;                     ///< In the code itself, not in the weight file.
   bool fIsNotWritable = false;                ///< In neither, because nothing reads it any more.
   ETensorType fType = ETensorType::UNDEFINED; ///< The type of the elements.
   std::vector<std::size_t> fShape;            ///< The shape.
   std::shared_ptr<void> fData;                ///< The values, row-major.

public:
   /// \brief No tensor: undefined type, no data.
   InitializedTensor() = default;

   /// \brief A tensor over values that are shared with the caller.
   /// \param[in] type The type of the elements.
   /// \param[in] shape The shape.
   /// \param[in] data As many elements of that type as the shape has.
   /// \param[in] typeConstant True for a constant, false for a weight.
   InitializedTensor(ETensorType type, std::vector<std::size_t> shape, std::shared_ptr<void> data,
                     bool typeConstant = false)
      : fConstant(typeConstant), fType(type), fShape(std::move(shape)), fData(std::move(data))
   {
   }

#if __cplusplus >= 202002L
   /// \brief The same with the shape as a span.
   InitializedTensor(ETensorType type, std::span<std::size_t> shape, std::shared_ptr<void> data,
                     bool typeConstant = false)
      : InitializedTensor(type, std::vector<std::size_t>(shape.begin(), shape.end()), std::move(data), typeConstant)
   {
   }
#endif

   /// \brief The type of the elements.
   ETensorType const &type() const { return fType; }

   /// \brief The shape.
   std::vector<std::size_t> const &shape() const { return fShape; }

   /// \brief The values, with their owner.
   std::shared_ptr<void> const &sharedptr() const { return fData; }

   /// \brief The values; the caller knows their type.
   template <class T = void>
   T const *data() const
   {
      return static_cast<T const *>(fData.get());
   }

   /// \brief True for a constant, which the code holds itself.
   bool IsConstantTensor() const { return fConstant; }

   /// \brief True for a weight that goes to the weight file.
   bool IsWeightTensor() const { return !fConstant && !fIsNotWritable; }

   /// \brief True where the values are written nowhere.
   bool IsNotWritable() const { return fIsNotWritable; }

   /// \brief Makes this a constant, which the code holds itself.
   void SetConstant() { fConstant = true; }

   /// \brief Keeps the values out of code and weight file.
   void SetNotWritable() { fIsNotWritable = true; }

   /// \brief Undoes SetNotWritable().
   void SetWritable() { fIsNotWritable = false; }
};

/// \brief A piece of the memory pool and the tensor that lies in it.
struct TensorMemoryInfo {
   std::string_view tensor_name; ///< The tensor.
   std::size_t tensor_size;      ///< Its size in bytes.

   /// \brief Cuts a piece of `new_size` bytes off the end; throws std::invalid_argument where there are not as many.
   TensorMemoryInfo split(std::string_view new_name, std::size_t new_size);

   /// \brief Takes in the piece that follows.
   void merge(const TensorMemoryInfo &other) { tensor_size += other.tensor_size; }
};

/// \brief The memory pool: which piece starts where, and which bytes are free.
struct MemoryPoolInfo {
   std::map<std::size_t, TensorMemoryInfo> total_stack; ///< Offset in bytes to the piece that starts there.
   std::map<std::size_t, std::size_t> available_stack;  ///< Offset in bytes to the length of the free piece there.
};

namespace UTILITY {

/// \brief The text as part of an identifier: `-` becomes `_`, and what is neither a letter, a digit nor `_` goes.
std::string Clean_name(std::string input_tensor_name);

/// \brief True for the same rank and the same numbers.
bool AreSameShape(const std::vector<std::size_t> &shapeA, const std::vector<std::size_t> &shapeB);

/// \brief True for the same rank and the same numbers; a dimension with a name is no number.
bool AreSameShape(const std::vector<std::size_t> &shapeA, const std::vector<Dim> &shapeB);

/// \brief True for the same rank and the same numbers and texts.
bool AreSameShape(const std::vector<Dim> &shapeA, const std::vector<Dim> &shapeB);

/// \brief The shape that all of them broadcast to; throws std::runtime_error where there is none.
std::vector<std::size_t> MultidirectionalBroadcastShape(const std::vector<std::vector<std::size_t>> &shapes);

/// \brief Which operand has to be broadcast, and the common shape.
/// \return A flag (0 for none, 1 for B, 2 for A, 3 for both) and the shape; throws std::runtime_error where two
///         dimensions differ and none of them is the number 1.
std::pair<int, std::vector<std::size_t>> MultidirectionalBroadcastShape(const std::vector<std::size_t> &shapeA,
                                                                        const std::vector<std::size_t> &shapeB);

/// \brief The same for shapes with names; two dimensions are equal where their texts are.
std::pair<int, std::vector<Dim>> MultidirectionalBroadcastShape(const std::vector<Dim> &shapeA,
                                                                const std::vector<Dim> &shapeB);

/// \brief The shape that A gets when it is broadcast to B, which is B's; throws std::runtime_error where A does not
///        broadcast to B.
std::vector<std::size_t> UnidirectionalBroadcastShape(const std::vector<std::size_t> &shapeA,
                                                      const std::vector<std::size_t> &shapeB);

/// \brief Row-major strides in elements.
std::vector<std::size_t> ComputeStrideFromShape(const std::vector<std::size_t> &shape);

/// \brief Row-major strides in elements.
std::vector<Dim> ComputeStrideFromShape(const std::vector<Dim> &shape);

/// \brief Writes a tensor broadcast to another shape; for weights and constants, when the code is generated.
/// \param[in] data The values, row-major.
/// \param[in] shape Their shape.
/// \param[in] targetShape The shape to write, see UnidirectionalBroadcastShape().
/// \param[out] target Room for all of them.
template <typename T>
void BroadcastTensor(const T *data, const std::vector<std::size_t> &shape, const std::vector<std::size_t> &targetShape,
                     T *target)
{
   std::vector<std::size_t> const full = UnidirectionalBroadcastShape(shape, targetShape);
   std::size_t const missing = full.size() - shape.size();
   std::vector<std::size_t> const stride = ComputeStrideFromShape(shape);
   std::vector<std::size_t> index(full.size(), 0);
   std::size_t const length = ConvertShapeToLength(full);
   for (std::size_t i = 0; i < length; ++i) {
      std::size_t offset = 0;
      for (std::size_t d = missing; d < full.size(); ++d)
         offset += shape[d - missing] == 1 ? 0 : index[d] * stride[d - missing];
      target[i] = data[offset];
      for (std::size_t d = full.size(); d-- > 0 && ++index[d] == full[d];)
         index[d] = 0;
   }
}

} // namespace UTILITY

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_SOFIE_COMMON
