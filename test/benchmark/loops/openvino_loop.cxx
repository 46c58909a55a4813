/// \file
/// Calls OpenVINO from C++, one thread, in float32. Usage: openvino_loop <model.onnx> <input file>

#include "loop.hxx"

#include <openvino/openvino.hpp>

int main(int argc, char **argv)
try {
   if (argc != 3)
      throw std::runtime_error("usage: openvino_loop model input");
   ov::Core core;
   auto model = core.compile_model(argv[1], "CPU", ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                                   ov::hint::inference_precision(ov::element::f32), ov::inference_num_threads(1),
                                   ov::num_streams(1), ov::hint::num_requests(1), ov::hint::enable_cpu_pinning(false));
   auto request = model.create_infer_request();
   auto values = benchmark::ReadFloats(argv[2]);
   request.set_input_tensor(ov::Tensor(ov::element::f32, model.input().get_shape(), values.data()));
   benchmark::Serve([&] { request.infer(); },
                    [&] {
                       auto const output = request.get_output_tensor();
                       return std::vector<float>(output.data<float>(), output.data<float>() + output.get_size());
                    });
} catch (std::exception const &error) {
   std::cerr << error.what() << std::endl;
   return 1;
}
