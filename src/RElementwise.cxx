#include "TMVA/SOFIE/RElementwise.hxx"

#include "TMVA/RModel.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

std::string ActivationFunctor(EActivationType activation)
{
   switch (activation) {
   case EActivationType::UNDEFINED: return "Kernel::Identity{}";
   case EActivationType::RELU: return "Kernel::Relu{}";
   case EActivationType::SIGMOID: return "Kernel::SigmoidOf{}";
   case EActivationType::TANH: return "Kernel::TanhOf{}";
   case EActivationType::LEAKYRELU: return "Kernel::LeakyRelu<float>{0.01}";
   case EActivationType::ELU: return "Kernel::Elu<float>{1.0}";
   case EActivationType::SOFTMAX: break;
   }
   return "";
}

RElementwise::RElementwise(ETensorType type, std::string opType, std::string functor, std::string nameX,
                           std::string nameY, std::string kernel)
   : fType(type), fOpType(std::move(opType)), fFunctor(std::move(functor)), fKernel(std::move(kernel)),
     fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

std::string RElementwise::Parametrised(const std::string &functor, ETensorType type,
                                       const std::vector<double> &parameters)
{
   std::string values;
   for (double const parameter : parameters)
      values += (values.empty() ? "" : ", ") + Literal(parameter, type);
   return "Kernel::" + functor + "<" + ConvertTypeToString(type) + ">{" + values + "}";
}

RElementwise::~RElementwise() = default;

void RElementwise::Initialize(RModel &model)
{
   RequireTensor(model, fNX, fType);
   fShape = model.GetDimTensorShape(fNX);
   model.AddIntermediateTensor(fNY, fType, fShape);
}

void RElementwise::ChooseLayout(RModel &model)
{
   if (!model.HasChannelsLast(fNX))
      return;
   ReadChannelsLast(model, fNX);
   WriteChannelsLast(model, fNY);
}

std::string RElementwise::Generate(std::string)
{
   return "Kernel::Isa<W>::template Call<Kernel::Map<" + StorageType(fType) + ">>(" +
          SizeArgument(ProductOfDims(fShape)) + ", tensor_" + fNX + ", tensor_" + fNY + ", " + fFunctor + ");";
}

std::string RElementwise::GetOpType() const
{
   return fOpType;
}

std::vector<std::string> RElementwise::GetKernels() const
{
   return {fKernel};
}

Dim RElementwise::GetFlops(const RModel &model) const
{
   return LengthOf(model, fNY);
}

std::string RElementwise::GetEpilogue() const
{
   return fFunctor;
}

bool RElementwise::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fFunctor, fOpType, fNY);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
