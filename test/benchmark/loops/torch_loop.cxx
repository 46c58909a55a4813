/// \file
/// Calls PyTorch's ahead-of-time compiled packages and TorchScript from C++, one thread, in inference mode.
/// Usage: torch_loop aotinductor|torchscript|optimized|static_runtime <model> <input file> <dim>...

#include "loop.hxx"

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/static/impl.h>
#include <torch/csrc/jit/serialization/import.h>

namespace {

void Serve(at::Tensor const &result, auto &&call)
{
   benchmark::Serve(call, [&] {
      at::Tensor const dense = result.contiguous();
      return std::vector<float>(dense.const_data_ptr<float>(), dense.const_data_ptr<float>() + dense.numel());
   });
}

/// The package of torch._inductor.aoti_compile_and_package, without the locks that several threads would need.
void ServeAOTInductor(std::string const &path, at::Tensor const &input)
{
   torch::inductor::AOTIModelPackageLoader loader(path, "model", /*run_single_threaded=*/true);
   auto *runner = loader.get_runner();
   std::vector<at::Tensor> const inputs{input};
   at::Tensor result;
   Serve(result, [&] { result = runner->run(inputs)[0]; });
}

/// A frozen TorchScript module by its interpreter: the function itself, without Module::forward's checks. What
/// optimize_for_inference makes of it can be run, but not always saved.
void ServeTorchScript(std::string const &path, at::Tensor const &input, bool optimize)
{
   auto module = torch::jit::load(path);
   module.eval();
   if (optimize)
      module = torch::jit::optimize_for_inference(module);
   auto &function = module.get_method("forward").function();
   torch::jit::Stack stack;
   at::Tensor result;
   Serve(result, [&] {
      stack.clear();
      stack.emplace_back(module._ivalue());
      stack.emplace_back(input);
      function.run(stack);
      result = std::move(stack.back()).toTensor();
   });
}

/// The same module by PyTorch's static runtime, which plans the memory ahead and calls operators' out variants.
void ServeStaticRuntime(std::string const &path, at::Tensor const &input)
{
   auto module = torch::jit::load(path);
   module.eval();
   torch::jit::StaticModule const staticModule(module);
   torch::jit::StaticRuntime runtime(staticModule);
   std::vector<c10::IValue> const inputs{input};
   at::Tensor result;
   Serve(result, [&] {
      result = at::Tensor(); // the runtime owns its memory again
      result = runtime(inputs, {}).toTensor();
   });
}

} // namespace

int main(int argc, char **argv)
try {
   if (argc < 5)
      throw std::runtime_error("usage: torch_loop aotinductor|torchscript|optimized|static_runtime model input dim...");
   std::string const how = argv[1];
   std::vector<std::int64_t> shape;
   for (int i = 4; i < argc; ++i)
      shape.push_back(std::stoll(argv[i]));

   at::set_num_threads(1);
   at::set_num_interop_threads(1);
   c10::InferenceMode const inferenceMode;
   auto values = benchmark::ReadFloats(argv[3]);
   at::Tensor const input = at::from_blob(values.data(), shape).clone();

   if (how == "aotinductor")
      ServeAOTInductor(argv[2], input);
   else if (how == "torchscript")
      ServeTorchScript(argv[2], input, false);
   else if (how == "optimized")
      ServeTorchScript(argv[2], input, true);
   else if (how == "static_runtime")
      ServeStaticRuntime(argv[2], input);
   else
      throw std::runtime_error("unknown way to run: " + how);
} catch (std::exception const &error) {
   std::cerr << error.what() << std::endl;
   return 1;
}
