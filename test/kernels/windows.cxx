// Runs the kernels of convolutions, pools and batch normalisation: requests from stdin, results to stdout, at the width argv[1].
// A request is 32 numbers of 64 bits (what to run, the type, sizes, the window) and then the arrays.

#include "TMVA/SOFIE/kernels/BatchNormalization.hxx"
#include "TMVA/SOFIE/kernels/ChannelsLast.hxx"
#include "TMVA/SOFIE/kernels/Conv.hxx"
#include "TMVA/SOFIE/kernels/Cpu.hxx"
#include "TMVA/SOFIE/kernels/Fold.hxx"
#include "TMVA/SOFIE/kernels/Pool.hxx"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

struct Request {
   std::uint64_t fWhat, fType, fTaps, fHasBias;
   Kernel::ConvSizes fSizes; // of a pool: planes in fImages; of a normalisation: images, channels and inner elements
   Kernel::Window fWindow;
   std::uint64_t fUnused[3];
};
static_assert(sizeof(Request) == 32 * 8, "32 numbers");

/// Exactly as many elements as the kernel may touch, so that a sanitizer sees one more.
template <class T>
std::vector<T> Read(size_t n)
{
   std::vector<T> data(n);
   if (std::fread(data.data(), sizeof(T), n, stdin) != n)
      std::exit(2);
   return data;
}

template <class T>
void Write(std::vector<T> const &data)
{
   std::fwrite(data.data(), sizeof(T), data.size(), stdout);
}

/// Scratch memory with numbers in it that a kernel must not take for its own.
template <class T>
Kernel::Buffer<T> Scratch(size_t n)
{
   Kernel::Buffer<T> scratch(n);
   for (size_t i = 0; i < n; ++i)
      scratch.Data()[i] = T(77);
   return scratch;
}

size_t StagedLength(Kernel::Window const &w)
{
   return Kernel::Layout::Staged(w).fChannel;
}

template <class T, int W, size_t... Taps>
void RunDepthwise(Request const &r, T const *x, T const *weights, T const *bias, T *y, T *scratch)
{
   ((r.fTaps == Taps ? Kernel::Isa<W>::template Call<Kernel::DepthwiseConv<T, Taps>>(r.fSizes, r.fWindow, x, weights,
                                                                                     bias, y, scratch, Kernel::Relu{})
                     : void()),
    ...);
}

template <class T, int W>
void RunConv(Request const &r)
{
   auto const &[images, groups, channels, rows] = r.fSizes;
   auto const x = Read<T>(images * groups * channels * r.fWindow.Inputs());
   auto const weights = Read<T>(groups * rows * channels * r.fWindow.Taps());
   auto const bias = Read<T>(r.fHasBias ? groups * rows : 0);
   T const *const pBias = r.fHasBias ? bias.data() : nullptr;
   std::vector<T> y(images * groups * rows * r.fWindow.Outputs());
   auto const scratch = Scratch<T>((channels * r.fWindow.Taps() + 1) * (256 / sizeof(T)) +
                                   channels * StagedLength(r.fWindow) + 64 / sizeof(T));
   if (r.fTaps > 0)
      RunDepthwise<T, W, 1, 3, 9, 12, 18>(r, x.data(), weights.data(), pBias, y.data(), scratch.Data());
   else
      Kernel::Isa<W>::template Call<Kernel::Conv<T>>(r.fSizes, r.fWindow, x.data(), weights.data(), pBias, y.data(),
                                                     scratch.Data(), Kernel::Relu{});
   Write(y);
}

template <class T, int W, size_t Reread, size_t... Columns, class AnyWindow>
void RunConvLast(Request const &r, AnyWindow window)
{
   auto const &[images, groups, channels, rows] = r.fSizes;
   auto const x = Read<T>(images * channels * r.fWindow.Inputs());
   auto const weights = Read<T>(rows * channels * r.fWindow.Taps());
   auto const bias = Read<T>(r.fHasBias ? rows : 0);
   std::vector<T> y(images * rows * r.fWindow.Outputs());
   auto const scratch = Scratch<T>(r.fWindow.HasNoPadding() ? 0 : channels * StagedLength(r.fWindow));
   size_t const length = r.fWindow.fDilation[2] == 1 ? r.fWindow.fKernel[2] * channels : channels;
   auto const run = [&](auto columns) {
      constexpr size_t kColumns = decltype(columns)::value;
      auto const packed = Kernel::PackConvLast<T, W>(kColumns, Reread, channels, r.fWindow.Taps(), weights.data(),
                                                     r.fHasBias ? bias.data() : nullptr);
      Kernel::Isa<W>::template Call<Kernel::ConvLast<T, kColumns, 27, Reread>>(
         images, channels, length, window, x.data(), static_cast<T const *>(packed.Data()), y.data(), scratch.Data(),
         Kernel::Relu{});
   };
   ((rows == Columns ? run(Kernel::Fixed<Columns>{}) : void()), ...);
   Write(y);
}

/// Windows of three elements along a line of that length, known when this is compiled.
template <class T, int W, size_t... Lengths>
void RunFixedConvLast(Request const &r)
{
   ((r.fWindow.fIn[2] == Lengths
        ? RunConvLast<T, W, 1 << 16, 70>(
             r, Kernel::FixedWindow<1, 1, Lengths, 1, 1, Lengths, 1, 1, 3, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1>{})
        : void()),
    ...);
}

template <class T, int W, size_t... Taps>
void RunDepthwiseLast(Request const &r)
{
   size_t const images = r.fSizes.fImages, channels = r.fSizes.fGroups;
   auto const x = Read<T>(images * channels * r.fWindow.Inputs());
   auto const weights = Read<T>(channels * r.fTaps);
   auto const bias = Read<T>(r.fHasBias ? channels : 0);
   std::vector<T> y(images * channels * r.fWindow.Outputs());
   auto const scratch = Scratch<T>(r.fWindow.HasNoPadding() ? 0 : channels * r.fWindow.Span(2));
   auto const run = [&](auto taps) {
      constexpr size_t kTaps = decltype(taps)::value;
      auto const packed =
         Kernel::PackDepthwiseLast<T>(channels, kTaps, weights.data(), r.fHasBias ? bias.data() : nullptr);
      Kernel::Isa<W>::template Call<Kernel::DepthwiseLast<T, kTaps>>(images, channels, r.fWindow, x.data(),
                                                                     static_cast<T const *>(packed.Data()), y.data(),
                                                                     scratch.Data(), Kernel::Relu{});
   };
   ((r.fTaps == Taps ? run(Kernel::Fixed<Taps>{}) : void()), ...);
   Write(y);
}

/// The window slides over the output.
template <class T, int W, size_t Channels, size_t Rows, size_t... Taps>
void RunTransposedLast(Request const &r)
{
   constexpr size_t kPlaces = 7; // in most requests the last product has fewer
   size_t const images = r.fSizes.fImages;
   auto const x = Read<T>(images * Channels * r.fWindow.Outputs());
   auto const weights = Read<T>(Channels * Rows * r.fTaps);
   auto const bias = Read<T>(Rows);
   std::vector<T> y(images * Rows * r.fWindow.Inputs());
   auto const run = [&](auto taps) {
      using Transposed = Kernel::ConvTransposeLast<T, Channels, Rows, decltype(taps)::value, kPlaces>;
      auto const scratch = Scratch<T>(kPlaces * Rows * r.fTaps);
      auto const packed = Kernel::PackConvTransposeLast<T, W>(Channels, Rows, r.fTaps, weights.data());
      Kernel::Isa<W>::template Call<Transposed>(images, r.fWindow, x.data(), static_cast<T const *>(packed.Data()),
                                                bias.data(), y.data(), scratch.Data(), Kernel::Relu{});
   };
   ((r.fTaps == Taps ? run(Kernel::Fixed<Taps>{}) : void()), ...);
   Write(y);
}

template <class T, int W, class Of>
void RunPoolLast(Request const &r)
{
   size_t const images = r.fSizes.fImages, channels = r.fSizes.fChannels;
   auto const x = Read<T>(images * channels * r.fWindow.Inputs());
   std::vector<T> y(images * channels * r.fWindow.Outputs());
   Kernel::Isa<W>::template Call<Kernel::PoolLast<T, Of>>(images, channels, r.fWindow, x.data(), y.data());
   Write(y);
}

template <class T, int W, class Of>
void RunPool(Request const &r)
{
   auto const x = Read<T>(r.fSizes.fImages * r.fWindow.Inputs());
   std::vector<T> y(r.fSizes.fImages * r.fWindow.Outputs());
   auto const scratch = Scratch<T>(2 * Kernel::Layout::Staged(r.fWindow).fRow + r.fWindow.fOut[2]);
   Kernel::Isa<W>::template Call<Kernel::Pool<T, Of>>(r.fSizes.fImages, r.fWindow, x.data(), y.data(), scratch.Data());
   Write(y);
}

template <class T, int W>
void RunFloat(Request const &r)
{
   switch (r.fWhat) {
   case 0: return RunConv<T, W>(r);
   case 1: return RunPool<T, W, Kernel::MaxOf>(r);
   case 2: return RunPool<T, W, Kernel::MeanOf<false>>(r);
   case 3: return RunPool<T, W, Kernel::MeanOf<true>>(r);
   case 4: {
      auto const x = Read<T>(r.fSizes.fImages * r.fWindow.Inputs());
      std::vector<T> y(r.fSizes.fImages);
      Kernel::Isa<W>::template Call<Kernel::GlobalMean<T>>(r.fSizes.fImages, r.fWindow.Inputs(), x.data(), y.data());
      return Write(y);
   }
   case 5: {
      auto const &[images, channels, inner, unused] = r.fSizes;
      static_cast<void>(unused);
      auto const x = Read<T>(images * channels * inner);
      auto const statistics = Read<T>(4 * channels);
      T const *const s = statistics.data();
      auto const packed =
         Kernel::PackScaleShift<T>(channels, s, s + channels, s + 2 * channels, s + 3 * channels, 1e-3);
      std::vector<T> y(x.size());
      Kernel::Isa<W>::template Call<Kernel::ScaleShift<T>>(
         images, channels, inner, x.data(), static_cast<T const *>(packed.Data()), y.data(), Kernel::Relu{});
      return Write(y);
   }
   case 6: return RunConvLast<T, W, 0, 8, 20, 70>(r, r.fWindow);
   case 7: return RunDepthwiseLast<T, W, 1, 3, 9, 12, 18>(r);
   case 8: return RunPoolLast<T, W, Kernel::MaxOf>(r);
   case 9: return RunPoolLast<T, W, Kernel::MeanOf<false>>(r);
   case 10: return RunPoolLast<T, W, Kernel::MeanOf<true>>(r);
   case 11:
      return r.fSizes.fRows == 1 ? RunTransposedLast<T, W, 5, 1, 3, 12>(r) : RunTransposedLast<T, W, 5, 20, 3, 12>(r);
   case 12: return RunFixedConvLast<T, W, 4, 13, 25>(r);
   default: std::exit(2);
   }
}

template <int W>
void RunRequest(Request const &r)
{
   switch (r.fType) {
   case 0: return RunFloat<float, W>(r);
   case 1: return RunFloat<double, W>(r);
   case 2: return RunPool<std::int8_t, W, Kernel::MaxOf>(r);
   case 3: return RunPool<std::uint8_t, W, Kernel::MaxOf>(r);
   default: std::exit(2);
   }
}

} // namespace

int main(int argc, char **argv)
{
   if (argc != 2)
      return 2;
   if (std::strcmp(argv[1], "widest") == 0) {
      std::printf("%d\n", Kernel::WidestVector());
      return 0;
   }
   int const width = std::atoi(argv[1]);
   Request r;
   while (std::fread(&r, sizeof(r), 1, stdin) == 1)
      Kernel::Dispatch(width, [&](auto chosen) { RunRequest<decltype(chosen)::value>(r); });
   return 0;
}
