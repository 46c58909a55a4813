/// \file
/// \ingroup tutorial_ml
/// \notebook -nodraw
/// A network built by hand, operator by operator, and the code that is generated for it: y = softmax(relu(x A + a) B).
///
/// This is what the parsers do. The macro runs in a shell where `eval "$(pysofie env)"` was run. It writes two files,
/// `SofieHandmade.hxx` and `SofieHandmade.dat`, runs them, and removes them.
///
/// \macro_code
/// \macro_output
/// \author The pysofie authors

#include <TMVA/OperatorList.hxx>
#include <TMVA/RModel.hxx>
#include <TMVA/RSofieReader.hxx>

#include <TSystem.h>

#include <cmath>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

using namespace TMVA::Experimental::SOFIE;

void sofie_rmodel()
{
   // 1. Inputs by name, type and shape; weights by name, shape and values.
   RModel model("SofieHandmade.txt", "");
   model.AddInputTensorInfo("x", ETensorType::FLOAT, std::vector<size_t>{2, 3});
   std::vector<float> const a = {1, -1, 2, 0, 1, -2, 1, 0, 1, 3, -1, 0}; // 3 x 4
   std::vector<float> const shift = {0.5, 0, -0.5, 1};
   std::vector<float> const b = {1, 0, 0, 1, 1, 1, -1, 2}; // 4 x 2
   model.AddInitializedTensor<float>("A", {3, 4}, a.data());
   model.AddInitializedTensor<float>("shift", {4}, shift.data());
   model.AddInitializedTensor<float>("B", {4, 2}, b.data());

   // 2. Operators in the order of their execution. Gemm: alpha, beta, transA, transB, the inputs, the output.
   model.AddOperator(std::make_unique<ROperator_Gemm<float>>(1.f, 1.f, 0, 0, "x", "A", "shift", "sum"));
   model.AddOperator(std::make_unique<ROperator_Relu<float>>("sum", "hidden"));
   model.AddOperator(std::make_unique<ROperator_Gemm<float>>(1.f, 0.f, 0, 0, "hidden", "B", "logits"));
   model.AddOperator(std::make_unique<ROperator_Softmax>(-1, "logits", "y"));
   model.AddInputTensorName("x");
   model.AddOutputTensorNameList({"y"});

   // 3. The code. Generate settles shapes, fuses operators and plans the memory first.
   model.Generate();
   model.OutputGenerated("SofieHandmade.hxx");
   model.PrintSummary();

   // 4. Compile it and run it. RSofieReader lets cling compile a header at run time; where the header is there before, a macro
   //    includes it and uses its Session, as sofie_header.C does.
   TMVA::Experimental::RSofieReader reader("SofieHandmade.hxx");
   std::vector<float> const y = reader.Compute({1.f, 2.f, 3.f, 0.f, -1.f, 1.f});
   gSystem->Unlink("SofieHandmade.hxx");
   gSystem->Unlink("SofieHandmade.dat");

   // 5. By hand: the inputs of the softmax are (6, 6.5) and (-0.5, 7).
   double const expected[] = {1 / (1 + std::exp(0.5)), 1 / (1 + std::exp(-0.5)), 1 / (1 + std::exp(7.5)),
                              1 / (1 + std::exp(-7.5))};
   for (size_t i = 0; i < 4; ++i) {
      std::cout << "y[" << i / 2 << "][" << i % 2 << "] = " << y.at(i) << ", by hand " << expected[i] << "\n";
      if (std::abs(y[i] - expected[i]) > 1e-6)
         throw std::runtime_error("this is not what was expected");
   }
}
