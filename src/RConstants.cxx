#include "TMVA/SOFIE/RConstants.hxx"

#include "TMVA/RModel.hxx"

#include <stdexcept>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

std::string ScalarLiteral(RModel &model, const std::string &name)
{
   if (!model.IsInitializedTensor(name) || ConvertShapeToLength(model.GetTensorShape(name)) != 1)
      return "";
   void const *const data = model.GetInitializedTensorData(name).get();
   switch (model.GetTensorType(name)) {
   case ETensorType::FLOAT: return ConvertValToString(*static_cast<float const *>(data));
   case ETensorType::DOUBLE: return ConvertValToString(*static_cast<double const *>(data));
   case ETensorType::INT8: return ConvertValToString(*static_cast<std::int8_t const *>(data));
   case ETensorType::INT16: return ConvertValToString(*static_cast<std::int16_t const *>(data));
   case ETensorType::INT32: return ConvertValToString(*static_cast<std::int32_t const *>(data));
   case ETensorType::INT64: return ConvertValToString(*static_cast<std::int64_t const *>(data));
   case ETensorType::UINT8: return ConvertValToString(*static_cast<std::uint8_t const *>(data));
   case ETensorType::UINT16: return ConvertValToString(*static_cast<std::uint16_t const *>(data));
   case ETensorType::UINT32: return ConvertValToString(*static_cast<std::uint32_t const *>(data));
   case ETensorType::UINT64: return ConvertValToString(*static_cast<std::uint64_t const *>(data));
   default: return "";
   }
}

std::vector<std::int64_t> IntegerValues(RModel &model, const std::string &name)
{
   auto const widened = [](auto const &values) { return std::vector<std::int64_t>(values.begin(), values.end()); };
   switch (model.GetTensorType(name)) {
   case ETensorType::INT8: return widened(model.GetTensorData<std::int8_t>(name));
   case ETensorType::INT16: return widened(model.GetTensorData<std::int16_t>(name));
   case ETensorType::INT32: return widened(model.GetTensorData<std::int32_t>(name));
   case ETensorType::UINT8: return widened(model.GetTensorData<std::uint8_t>(name));
   case ETensorType::UINT16: return widened(model.GetTensorData<std::uint16_t>(name));
   case ETensorType::UINT32: return widened(model.GetTensorData<std::uint32_t>(name));
   default: return model.GetTensorData<std::int64_t>(name);
   }
}

bool SizeValues(RModel &model, const std::string &name, std::vector<Dim> &values)
{
   values.clear();
   if (model.IsShapeTensor(name)) {
      values = model.GetShapeTensorValues(name);
      return true;
   }
   if (!model.IsInitializedTensor(name))
      return false;
   for (auto const value : IntegerValues(model, name))
      values.emplace_back(static_cast<size_t>(value));
   return true;
}

void AddKnownTensor(RModel &model, const std::string &name, const std::string &like, const std::vector<size_t> &shape,
                    std::shared_ptr<void> data)
{
   if (model.IsConstantTensor(like))
      model.AddConstantTensor(name, model.GetTensorType(like), shape, std::move(data));
   else
      model.AddInitializedTensor(name, model.GetTensorType(like), shape, std::move(data));
}

bool AddView(RModel &model, const std::string &x, const std::string &name, const std::vector<Dim> &shape)
{
   if (model.IsInitializedTensor(x)) {
      AddKnownTensor(model, name, x, ConvertShapeToInt(shape), model.GetInitializedTensorData(x));
      return true;
   }
   model.AddIntermediateTensor(name, model.GetTensorType(x), shape);
   model.AddAliasTensor(name, x);
   return false;
}

size_t AxisOf(std::int64_t axis, size_t rank)
{
   auto const end = static_cast<std::int64_t>(rank);
   return axis < -end || axis >= end ? static_cast<size_t>(-1) : static_cast<size_t>(axis < 0 ? axis + end : axis);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
