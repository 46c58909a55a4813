// Cnn: C++17 code that computes a trained network, written by pysofie (TMVA::Experimental::SOFIE).
// The licence of pysofie frees this file: it may be used, changed and passed on without any obligation.
//
// model      "Cnn.pt"
// input      tensor_input1  float (1, 2, 4, 5)  "input.1"
// output     tensor_18  float (1, 4)
// weight     tensor_0bias  float (3,)  "0.bias"
// weight     tensor_0weight  float (3, 2, 3, 2)  "0.weight"
// weight     tensor_5bias  float (4,)  "5.bias"
// weight     tensor_5weight  float (4, 18)  "5.weight"
// weights    460 bytes, in Cnn.dat
// memory     4096 bytes for intermediate tensors
// operators  Conv + Relu, Flatten, Gemm, MaxPool

#ifndef ROOT_TMVA_SOFIE_Cnn
#define ROOT_TMVA_SOFIE_Cnn

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

namespace TMVA_SOFIE_Cnn {
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
   Kernel::Buffer<float> fpacked_18;
   Kernel::Buffer<float> fTensor_0bias;
   Kernel::Buffer<float> fTensor_0weight;

   /// \param filename the weight file. \throws std::runtime_error if it is not this model's.
   SOFIE_ONCE explicit Weights([[maybe_unused]] std::string const &filename) : fVectorBytes(Kernel::ChooseVector())
   {
      fTensor_0bias = Kernel::Buffer<float>(3);
      fTensor_0weight = Kernel::Buffer<float>(36);
      Kernel::Buffer<float> raw_5bias(4);
      Kernel::Buffer<float> raw_5weight(72);
      Kernel::WeightTarget const targets[] = {
         {"0bias", 3, false, fTensor_0bias.Data()},
         {"0weight", 36, false, fTensor_0weight.Data()},
         {"5bias", 4, false, raw_5bias.Data()},
         {"5weight", 72, false, raw_5weight.Data()}};
      Kernel::ReadWeights(filename, "Cnn", targets, 4, 0xa63728d4fc7fccf7u);
      float const *tensor_5bias = raw_5bias.Data();
      float const *tensor_5weight = raw_5weight.Data();
      Kernel::Dispatch(fVectorBytes, [&](auto width) {
         [[maybe_unused]] constexpr int W = decltype(width)::value;
         fpacked_18 = Kernel::PackDense<float, W>(18, 4, tensor_5weight, Kernel::Strides{1, 18}, 1.0, tensor_5bias, 1, 1.0);
      });
   }
};

struct Session;

/// Compute into the caller's buffers, which hold at least the outputs' sizes. Allocates nothing at sizes that it has seen.
SOFIE_EMIT
inline void doInfer(Session const &session, float const *tensor_input1, float *tensor_18);

/// Computes the network. One Session for each thread; Sessions may share their weights.
struct Session
{
   static constexpr size_t kInputValues = 40; ///< Values of the input, in each row of a batch.
   std::shared_ptr<Weights const> fWeights;
   mutable Kernel::Buffer<char> fArena; ///< Intermediate tensors.
#if defined(TMVA_SOFIE_PROFILE)
   mutable Kernel::Profile fProfile;
#endif

   /// \param filename the weight file. \throws std::runtime_error if it is not this model's.
   Session(std::string filename = "Cnn.dat")
      : fWeights(new Weights(filename))
   {
      fArena = Kernel::Buffer<char>(4096);
   }

   /// Another Session on the same weights.
   explicit Session(std::shared_ptr<Weights const> weights)
      : fWeights(std::move(weights)), fArena(4096)
   {
   }
   Session(Session &&) = default;
   Session &operator=(Session &&) = default;
   Session(Session const &) = delete;
   Session &operator=(Session const &) = delete;

   std::vector<float> infer(float const *tensor_input1)
   {
      std::vector<float> output_18(4);
      doInfer(*this, tensor_input1, output_18.data());
      return output_18;
   }
};

/// The calls of the kernels, for vectors of W bytes.
template <int W>
inline void Run([[maybe_unused]] Session const &session, [[maybe_unused]] float const *tensor_input1, [[maybe_unused]] float *output_18)
{
   float const *tensor_0bias = session.fWeights->fTensor_0bias.Data();
   float const *tensor_0weight = session.fWeights->fTensor_0weight.Data();
   float const *packed_18 = session.fWeights->fpacked_18.Data();
   float *tensor_18 = output_18;
   float *tensor_2Relu_output_0 = reinterpret_cast<float *>(session.fArena.Data() + 3776);
   float *tensor_3MaxPool_output_0 = reinterpret_cast<float *>(session.fArena.Data() + 0);
   float *tensor_4Flatten_output_0 = reinterpret_cast<float *>(session.fArena.Data() + 0);
   float *tensor_scratch_1batch_norm_output_0 = reinterpret_cast<float *>(session.fArena.Data() + 0);
   float *tensor_scratch_3MaxPool_output_0 = reinterpret_cast<float *>(session.fArena.Data() + 128);
   SOFIE_PROFILE(Start());
   // "0 (Conv2d)" Conv + Relu: input1(1, 2, 4, 5) -> 2Relu_output_0(1, 3, 4, 6)
   Kernel::Isa<W>::template Call<Kernel::Conv<float>>(Kernel::ConvSizes{1, 1, 2, 3}, Kernel::FixedWindow<1, 4, 5, 1, 4, 6, 1, 3, 2, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1>{}, tensor_input1, tensor_0weight, tensor_0bias, tensor_2Relu_output_0, tensor_scratch_1batch_norm_output_0, Kernel::Relu{});
   SOFIE_PROFILE(Done(0, 1728, 604));
   // "3 (MaxPool2d)" MaxPool: 2Relu_output_0(1, 3, 4, 6) -> 3MaxPool_output_0(1, 3, 2, 3)
   Kernel::Isa<W>::template Call<Kernel::Pool<float, Kernel::MaxOf>>(size_t(3), Kernel::FixedWindow<1, 4, 6, 1, 2, 3, 1, 2, 2, 1, 2, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0>{}, tensor_2Relu_output_0, tensor_3MaxPool_output_0, tensor_scratch_3MaxPool_output_0);
   SOFIE_PROFILE(Done(1, 72, 360));
   // "4 (Flatten)" Flatten: 3MaxPool_output_0(1, 3, 2, 3) -> 4Flatten_output_0(1, 18), the same memory
   // "5 (Linear)" Gemm: 4Flatten_output_0(1, 18) -> 18(1, 4)
   Kernel::Isa<W>::template Call<Kernel::Dense<float, 18, 4>>(Kernel::Fixed<1>{}, tensor_4Flatten_output_0, Kernel::FixedStrides<18, 1>{}, packed_18, tensor_18, Kernel::Identity{});
   SOFIE_PROFILE(Done(3, 144, 392));
}

#if defined(TMVA_SOFIE_PROFILE)
/// The operators, as JSON.
inline constexpr char profileDescription[] =
   "[{\"name\": \"0 (Conv2d)\", \"operator\": \"Conv + Relu\", \"output\": \"2Relu_output_0\", \"type\": \"float\", \"shape\": [1, 3, 4, 6]}, {\"name\": \"3 (MaxPool2d)\", \"operator\": \"MaxPool\", \"output\": \"3MaxPool_output_0\", \"type\": \"float\", \"shape\": [1, 3, 2, 3]}, {\"name\": \"4 (Flatten)\", \"operator\": \"Flatten\", \"output\": \"4Flatten_output_0\", \"type\": \"float\", \"shape\": [1, 18]}, {\"name\": \"5 (Linear)\", \"operator\": \"Gemm\", \"output\": \"18\", \"type\": \"float\", \"shape\": [1, 4]}]";
#endif

SOFIE_EMIT
inline void doInfer(Session const &session, float const *tensor_input1, float *tensor_18)
{
   Kernel::Dispatch(session.fWeights->fVectorBytes, [&](auto width) {
      Run<decltype(width)::value>(session, tensor_input1, tensor_18);
   });
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
inline constexpr std::array<SingleDim, 4> dim_input1{SingleDim{false, 1, ""}, SingleDim{false, 2, ""}, SingleDim{false, 4, ""}, SingleDim{false, 5, ""}};
inline constexpr std::array<TensorDims, 1> inputTensorDims{TensorDims{dim_input1.data(), 4}};
constexpr bool hasDynamicInputTensors{false};
/// Name, inputs, outputs and weight file, as JSON.
inline constexpr char modelDescription[] =
   "{\"name\": \"Cnn\", \"dims\": [], \"inputs\": [{\"name\": \"input1\", \"origin\": \"input.1\", \"type\": \"float\", \"shape\": [1, 2, 4, 5]}], \"outputs\": [{\"name\": \"18\", \"origin\": \"18\", \"type\": \"float\", \"shape\": [1, 4]}], \"weights\": \"Cnn.dat\"}";
#if defined(TMVA_SOFIE_PROFILE)
} // inline namespace profile
#endif
} // inline namespace of the instruction set
} // TMVA_SOFIE_Cnn

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#undef SOFIE_EMIT
#undef SOFIE_INLINE
#undef SOFIE_ONCE
#undef SOFIE_PROFILE
#endif // ROOT_TMVA_SOFIE_Cnn
