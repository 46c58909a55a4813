// Runs one kernel on raw numbers: kernels WIDTH KERNEL [SIZE...] < inputs > outputs, all float unless the kernel's name says double.
// The tests compare what comes out with numpy in float64.

#include "TMVA/SOFIE/kernels/Copy.hxx"
#include "TMVA/SOFIE/kernels/Cpu.hxx"
#include "TMVA/SOFIE/kernels/Functions.hxx"
#include "TMVA/SOFIE/kernels/Gemm.hxx"

#include <cstdio>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

using Sizes = std::vector<size_t>;

template <class T>
std::vector<T> ReadAll()
{
   std::vector<char> const bytes{std::istreambuf_iterator<char>(std::cin), {}};
   std::vector<T> values(bytes.size() / sizeof(T));
   std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
   return values;
}

template <class T>
void Write(std::vector<T> const &values)
{
   std::cout.write(reinterpret_cast<char const *>(values.data()),
                   static_cast<std::streamsize>(values.size() * sizeof(T)));
}

/// y = f(x), in place of nothing: a buffer of exactly the size, so that a sanitizer sees every step beyond it.
template <class T, class F>
void RunMap(int width)
{
   auto const x = ReadAll<T>();
   std::vector<T> y(x.size());
   Kernel::Dispatch(width, [&](auto w) {
      Kernel::Isa<decltype(w)::value>::template Call<Kernel::Map<T>>(x.size(), x.data(), y.data(), F{});
   });
   Write(y);
}

/// What a recurrent cell makes a fraction of, divided.
struct SigmoidFraction {
   template <class T, int W>
   SOFIE_INLINE void Apply(Kernel::Vec<T, W> &x) const
   {
      Kernel::Vec<T, W> over, under;
      Kernel::SigmoidRatio<T, W>(over, under, x);
      x = over / under;
   }
};

struct TanhFraction {
   template <class T, int W>
   SOFIE_INLINE void Apply(Kernel::Vec<T, W> &x) const
   {
      Kernel::Vec<T, W> over, under;
      Kernel::TanhRatio<W>(over, under, x);
      x = over / under;
   }
};

/// a (rows x Depth), b (Depth x Columns), bias (Columns) -> relu(2 a b + 3 bias), packed from both orders of b.
template <class T, size_t Depth, size_t Columns, class Rows>
void RunDense(int width, Rows rows, bool transposed)
{
   auto const input = ReadAll<T>();
   std::vector<T> const a(input.begin(), input.begin() + rows * Depth);
   std::vector<T> const b(a.size() + input.begin(), input.begin() + a.size() + Depth * Columns);
   std::vector<T> const bias(input.end() - Columns, input.end());
   std::vector<T> y(rows * Columns);
   Kernel::Dispatch(width, [&](auto w) {
      constexpr int W = decltype(w)::value;
      Kernel::Strides const strides = transposed ? Kernel::Strides{1, Depth} : Kernel::Strides{Columns, 1};
      auto const packed = Kernel::PackDense<T, W>(Depth, Columns, b.data(), strides, T(2), bias.data(), 1, T(3));
      Kernel::Isa<W>::template Call<Kernel::Dense<T, Depth, Columns>>(rows, a.data(), Kernel::FixedStrides<Depth, 1>{},
                                                                      packed.Data(), y.data(), Kernel::Relu{});
   });
   Write(y);
}

/// Stacks of a (rows x depth) and b (depth x columns), b broadcast over the first loop: sizes stack0 stack1 rows depth columns.
template <class T>
void RunMatMul(int width, Sizes const &n)
{
   auto const input = ReadAll<T>();
   std::vector<T> const a(input.begin(), input.begin() + n[0] * n[1] * n[2] * n[3]);
   std::vector<T> const b(input.begin() + a.size(), input.end());
   std::vector<T> y(n[0] * n[1] * n[2] * n[4]);
   std::vector<T> scratch((n[3] + 1) * 256 / sizeof(T));
   Kernel::Loop<2, 2> const stack{{n[0], n[1]}, {{n[1] * n[2] * n[3], n[2] * n[3]}, {0, n[3] * n[4]}}};
   Kernel::Dispatch(width, [&](auto w) {
      Kernel::Isa<decltype(w)::value>::template Call<Kernel::MatMul<T>>(
         stack, n[2], n[3], n[4], a.data(), Kernel::Strides{n[3], 1}, b.data(), Kernel::Strides{n[4], 1}, T(1),
         y.data(), scratch.data(), Kernel::Identity{});
   });
   Write(y);
}

/// A stack of x (columns x rows) transposed: sizes stack rows columns.
template <class T>
void RunTranspose(int width, Sizes const &n)
{
   auto const x = ReadAll<T>();
   std::vector<T> y(x.size());
   Kernel::Loop<1, 2> const stack{{n[0]}, {{n[1] * n[2]}, {n[1] * n[2]}}};
   Kernel::Dispatch(width, [&](auto w) {
      Kernel::Isa<decltype(w)::value>::template Call<Kernel::Transpose<T>>(stack, n[1], n[2], x.data(), n[1], y.data(),
                                                                           n[2]);
   });
   Write(y);
}

template <class T>
std::map<std::string, std::function<void(int, Sizes const &)>> KernelsOf(std::string const &suffix)
{
   return {
      {"exp" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::ExpOf>(w); }},
      {"tanh" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::TanhOf>(w); }},
      {"sigmoid" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::SigmoidOf>(w); }},
      {"expm1" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Expm1Of>(w); }},
      {"erf" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Erf>(w); }},
      {"gelu" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Gelu>(w); }},
      {"softplus" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Softplus>(w); }},
      {"sin" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Sin>(w); }},
      {"cos" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Cos>(w); }},
      {"round" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Round>(w); }},
      {"floor" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Floor>(w); }},
      {"ceil" + suffix, [](int w, Sizes const &) { RunMap<T, Kernel::Ceil>(w); }},
      {"dense_7_64" + suffix, [](int w, Sizes const &n) { RunDense<T, 7, 64>(w, n.at(0), n.at(1) != 0); }},
      {"dense_67_5" + suffix, [](int w, Sizes const &n) { RunDense<T, 67, 5>(w, n.at(0), n.at(1) != 0); }},
      {"dense_100_1" + suffix, [](int w, Sizes const &n) { RunDense<T, 100, 1>(w, n.at(0), n.at(1) != 0); }},
      {"dense_13_150" + suffix, [](int w, Sizes const &n) { RunDense<T, 13, 150>(w, n.at(0), n.at(1) != 0); }},
      {"dense_3_2" + suffix, [](int w, Sizes const &n) { RunDense<T, 3, 2>(w, n.at(0), n.at(1) != 0); }},
      {"event_100_1" + suffix, [](int w, Sizes const &n) { RunDense<T, 100, 1>(w, Kernel::Fixed<1>{}, n.at(1) != 0); }},
      {"event_70_33" + suffix, [](int w, Sizes const &n) { RunDense<T, 70, 33>(w, Kernel::Fixed<1>{}, n.at(1) != 0); }},
      {"event_70_200" + suffix,
       [](int w, Sizes const &n) { RunDense<T, 70, 200>(w, Kernel::Fixed<1>{}, n.at(1) != 0); }},
      {"event_50_128" + suffix,
       [](int w, Sizes const &n) { RunDense<T, 50, 128>(w, Kernel::Fixed<1>{}, n.at(1) != 0); }},
      {"matmul" + suffix, [](int w, Sizes const &n) { RunMatMul<T>(w, n); }},
      {"transpose" + suffix, [](int w, Sizes const &n) { RunTranspose<T>(w, n); }},
   };
}

} // namespace

int main(int argc, char **argv)
{
   auto kernels = KernelsOf<float>("");
#if !defined(TMVA_SOFIE_VECTOR_BYTES) // the sanitizers' build takes its time: one type shows what it can
   kernels.merge(KernelsOf<double>("_double"));
#endif
   kernels.emplace("sigmoid_fraction", [](int w, Sizes const &) { RunMap<float, SigmoidFraction>(w); });
   kernels.emplace("tanh_fraction", [](int w, Sizes const &) { RunMap<float, TanhFraction>(w); });
   kernels.emplace("matmul_int32", [](int w, Sizes const &n) { RunMatMul<std::int32_t>(w, n); });
   kernels.emplace("matmul_int64", [](int w, Sizes const &n) { RunMatMul<std::int64_t>(w, n); });
   kernels.emplace("transpose_int8", [](int w, Sizes const &n) { RunTranspose<std::int8_t>(w, n); });
   kernels.emplace("transpose_int64", [](int w, Sizes const &n) { RunTranspose<std::int64_t>(w, n); });
   if (argc == 2 && std::string(argv[1]) == "widest") {
      std::printf("%d\n", Kernel::WidestVector());
      return 0;
   }
   Sizes sizes;
   for (int i = 3; i < argc; ++i)
      sizes.push_back(std::stoul(argv[i]));
   kernels.at(argv[2])(std::stoi(argv[1]), sizes);
}
