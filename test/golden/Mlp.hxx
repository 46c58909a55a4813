// Mlp: C++17 code that computes a trained network, written by pysofie (TMVA::Experimental::SOFIE).
// The licence of pysofie frees this file: it may be used, changed and passed on without any obligation.
//
// model      "Mlp.pt"
// input      tensor_input1  float (batch, 3)  "input.1"
// output     tensor_ret  float (batch, 2)
// weight     tensor_0bias  float (5,)  "0.bias"
// weight     tensor_0weight  float (5, 3)  "0.weight"
// weight     tensor_2bias  float (2,)  "2.bias"
// weight     tensor_2weight  float (2, 5)  "2.weight"
// weights    128 bytes, in Mlp.dat
// batch      batch, computed 48 rows at a time
// memory     1344 bytes for intermediate tensors
// operators  Gemm, Gemm + Relu, Softmax

#ifndef ROOT_TMVA_SOFIE_Mlp
#define ROOT_TMVA_SOFIE_Mlp

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(TMVA_SOFIE_PROFILE)
#include <chrono>
#include <vector>
#endif

#if defined(__CLING__)
#pragma cling optimize(2)
#define SOFIE_EMIT __attribute__((used))
#else
#define SOFIE_EMIT
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Waggressive-loop-optimizations"
#endif

namespace TMVA_SOFIE_Mlp {
#if defined(TMVA_SOFIE_VECTOR_BYTES)
#define SOFIE_JOIN_(a, b) a##_##b
#define SOFIE_JOIN(a, b) SOFIE_JOIN_(a, b)
#else
#define SOFIE_JOIN(a, b) a
#endif
#if defined(__AVX512F__)
inline namespace SOFIE_JOIN(avx512, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__AVX2__) && defined(__FMA__)
inline namespace SOFIE_JOIN(avx2_fma, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__AVX2__)
inline namespace SOFIE_JOIN(avx2, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__AVX__)
inline namespace SOFIE_JOIN(avx, TMVA_SOFIE_VECTOR_BYTES) {
#elif defined(__SSE4_2__)
inline namespace SOFIE_JOIN(sse4, TMVA_SOFIE_VECTOR_BYTES) {
#else
inline namespace SOFIE_JOIN(baseline, TMVA_SOFIE_VECTOR_BYTES) {
#endif
#undef SOFIE_JOIN
#undef SOFIE_JOIN_
#if defined(TMVA_SOFIE_PROFILE)
inline namespace profile {
#endif



#define SOFIE_INLINE inline __attribute__((always_inline))
// What runs once in a Session's life is to be small: compilers, cling above all, take longer for it than it takes to run when it is fast.
#define SOFIE_ONCE inline __attribute__((cold, noinline))

// ... namespace Kernel ...

using std::size_t;


/// The weights as the kernels read them, made once for this machine.
struct Weights
{
   int fVectorBytes; ///< The width of the vectors.
   Kernel::Buffer<float> fpacked_1Relu_output_0;
   Kernel::Buffer<float> fpacked_2Gemm_output_0;

   /// \param filename the weight file. \throws std::runtime_error if it is not this model's.
   SOFIE_ONCE explicit Weights([[maybe_unused]] std::string const &filename) : fVectorBytes(Kernel::ChooseVector())
   {
      Kernel::Buffer<float> raw_0bias(5);
      Kernel::Buffer<float> raw_0weight(15);
      Kernel::Buffer<float> raw_2bias(2);
      Kernel::Buffer<float> raw_2weight(10);
      Kernel::WeightTarget const targets[] = {
         {"0bias", 5, false, raw_0bias.Data()},
         {"0weight", 15, false, raw_0weight.Data()},
         {"2bias", 2, false, raw_2bias.Data()},
         {"2weight", 10, false, raw_2weight.Data()}};
      Kernel::ReadWeights(filename, "Mlp", targets, 4, 0x6c7cb0b23a1a5fedu);
      float const *tensor_0bias = raw_0bias.Data();
      float const *tensor_0weight = raw_0weight.Data();
      float const *tensor_2bias = raw_2bias.Data();
      float const *tensor_2weight = raw_2weight.Data();
      Kernel::Dispatch(fVectorBytes, [&](auto width) {
         [[maybe_unused]] constexpr int W = decltype(width)::value;
         fpacked_1Relu_output_0 = Kernel::PackDense<float, W>(3, 5, tensor_0weight, Kernel::Strides{1, 3}, 1.0, tensor_0bias, 1, 1.0);
         fpacked_2Gemm_output_0 = Kernel::PackDense<float, W>(5, 2, tensor_2weight, Kernel::Strides{1, 5}, 1.0, tensor_2bias, 1, 1.0);
      });
   }
};

struct Session;

/// Compute into the caller's buffers, which hold at least the outputs' sizes. Allocates nothing at sizes that it has seen.
SOFIE_EMIT
inline void doInfer(Session const &session, size_t batch, float const *tensor_input1, float *tensor_ret);

/// Computes the network. One Session for each thread; Sessions may share their weights.
struct Session
{
   static constexpr size_t kInputValues = 3; ///< Values of the input, in each row of a batch.
   std::shared_ptr<Weights const> fWeights;
   mutable Kernel::Buffer<char> fArena; ///< Intermediate tensors.
#if defined(TMVA_SOFIE_PROFILE)
   mutable Kernel::Profile fProfile;
#endif

   /// \param filename the weight file. \throws std::runtime_error if it is not this model's.
   Session(std::string filename = "Mlp.dat", [[maybe_unused]] size_t batch = 1)
      : fWeights(new Weights(filename))
   {
      fArena = Kernel::Buffer<char>(1344);
   }

   /// Another Session on the same weights.
   explicit Session(std::shared_ptr<Weights const> weights)
      : fWeights(std::move(weights)), fArena(1344)
   {
   }
   Session(Session &&) = default;
   Session &operator=(Session &&) = default;
   Session(Session const &) = delete;
   Session &operator=(Session const &) = delete;

   std::vector<float> infer(size_t batch, float const *tensor_input1)
   {
      std::vector<float> output_ret(2*batch);
      doInfer(*this, batch, tensor_input1, output_ret.data());
      return output_ret;
   }
};

/// The calls of the kernels, for vectors of W bytes.
template <int W>
inline void Run([[maybe_unused]] Session const &session, [[maybe_unused]] size_t batch, [[maybe_unused]] float const *tensor_input1, [[maybe_unused]] float *output_ret)
{
   float const *packed_1Relu_output_0 = session.fWeights->fpacked_1Relu_output_0.Data();
   float const *packed_2Gemm_output_0 = session.fWeights->fpacked_2Gemm_output_0.Data();
   float *tensor_1Relu_output_0 = reinterpret_cast<float *>(session.fArena.Data() + 0);
   float *tensor_2Gemm_output_0 = reinterpret_cast<float *>(session.fArena.Data() + 960);
   float *tensor_ret = output_ret;
   SOFIE_PROFILE(Start());
   // "0 (Linear)" Gemm + Relu: input1(batch, 3) -> 1Relu_output_0(batch, 5)
   Kernel::Isa<W>::template Call<Kernel::Dense<float, 3, 5>>(size_t(batch), tensor_input1, Kernel::FixedStrides<3, 1>{}, packed_1Relu_output_0, tensor_1Relu_output_0, Kernel::Relu{});
   SOFIE_PROFILE(Done(0, 30*batch, 32*batch+80));
   // "2 (Linear)" Gemm: 1Relu_output_0(batch, 5) -> 2Gemm_output_0(batch, 2)
   Kernel::Isa<W>::template Call<Kernel::Dense<float, 5, 2>>(size_t(batch), tensor_1Relu_output_0, Kernel::FixedStrides<5, 1>{}, packed_2Gemm_output_0, tensor_2Gemm_output_0, Kernel::Identity{});
   SOFIE_PROFILE(Done(1, 20*batch, 28*batch+48));
   // "3 (Softmax)" Softmax: 2Gemm_output_0(batch, 2) -> ret(batch, 2)
   Kernel::Isa<W>::template Call<Kernel::SoftmaxRows<float, false>>(size_t(batch), Kernel::Fixed<2>{}, tensor_2Gemm_output_0, tensor_ret);
   SOFIE_PROFILE(Done(2, 2*batch, 16*batch));
}

#if defined(TMVA_SOFIE_PROFILE)
/// The operators, as JSON.
inline constexpr char profileDescription[] =
   "[{\"name\": \"0 (Linear)\", \"operator\": \"Gemm + Relu\", \"output\": \"1Relu_output_0\", \"type\": \"float\", \"shape\": [\"batch\", 5]}, {\"name\": \"2 (Linear)\", \"operator\": \"Gemm\", \"output\": \"2Gemm_output_0\", \"type\": \"float\", \"shape\": [\"batch\", 2]}, {\"name\": \"3 (Softmax)\", \"operator\": \"Softmax\", \"output\": \"ret\", \"type\": \"float\", \"shape\": [\"batch\", 2]}]";
#endif

SOFIE_EMIT
inline void doInfer(Session const &session, size_t batch, float const *tensor_input1, float *tensor_ret)
{
   for (size_t first = 0; first < batch; first += 48)
   {
      size_t const rows = batch - first < 48 ? batch - first : 48;
      Kernel::Dispatch(session.fWeights->fVectorBytes, [&](auto width) {
         Run<decltype(width)::value>(session, rows, tensor_input1 + first * (3), tensor_ret + first * (2));
      });
   }
}

/// A dimension of an input: a number, or the name of a parameter of infer.
struct SingleDim {
   bool isParam;
   size_t dim;
   char const *param;
};
/// The dimensions of an input.
struct TensorDims {
   SingleDim const *data;
   size_t size;
};
inline constexpr std::array<SingleDim, 2> dim_input1{SingleDim{true, 0, "batch"}, SingleDim{false, 3, ""}};
inline constexpr std::array<TensorDims, 1> inputTensorDims{TensorDims{dim_input1.data(), 2}};
constexpr bool hasDynamicInputTensors{true};
/// Name, inputs, outputs and weight file, as JSON.
inline constexpr char modelDescription[] =
   "{\"name\": \"Mlp\", \"dims\": [\"batch\"], \"inputs\": [{\"name\": \"input1\", \"origin\": \"input.1\", \"type\": \"float\", \"shape\": [\"batch\", 3]}], \"outputs\": [{\"name\": \"ret\", \"origin\": \"ret\", \"type\": \"float\", \"shape\": [\"batch\", 2]}], \"weights\": \"Mlp.dat\"}";
#if defined(TMVA_SOFIE_PROFILE)
} // inline namespace profile
#endif
} // inline namespace of the instruction set
} // TMVA_SOFIE_Mlp

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#undef SOFIE_EMIT
#undef SOFIE_INLINE
#undef SOFIE_ONCE
#undef SOFIE_PROFILE
#endif // ROOT_TMVA_SOFIE_Mlp
