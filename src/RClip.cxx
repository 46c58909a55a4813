#include "TMVA/SOFIE/RClip.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RClip::RClip(ETensorType type, std::string nameX, std::string nameMin, std::string nameMax, std::string nameY)
   : RElementwise(type, "Clip", "", std::move(nameX), std::move(nameY)), fNMin(UTILITY::Clean_name(std::move(nameMin))),
     fNMax(UTILITY::Clean_name(std::move(nameMax)))
{
}

/// A bound as C++ code: a literal, or where it is computed at run time the element itself.
std::string RClip::Bound(RModel &model, const std::string &name, bool isMin)
{
   std::string const type = ConvertTypeToString(GetType());
   if (name.empty()) {
      bool const isFloating = GetType() == ETensorType::FLOAT || GetType() == ETensorType::DOUBLE;
      return (isFloating && isMin ? "-" : "") + std::string("std::numeric_limits<") + type +
             (isFloating ? ">::infinity()"
              : isMin    ? ">::lowest()"
                         : ">::max()");
   }
   RequireTensor(model, name, GetType());
   if (ProductOfDims(model.GetDimTensorShape(name)) != Dim(size_t(1)))
      Fail("the bound " + name + " has the shape " + ConvertDimShapeToString(model.GetDimTensorShape(name)) +
           ", but must be one number");
   std::string const literal = ScalarLiteral(model, name);
   if (!literal.empty())
      return literal;
   fIsKnown = false;
   fInputTensorNames.push_back(name);
   return "*tensor_" + name;
}

void RClip::Initialize(RModel &model)
{
   RElementwise::Initialize(model);
   std::string const low = Bound(model, fNMin, true);
   SetFunctor("Kernel::Clip<" + ConvertTypeToString(GetType()) + ">{" + low + ", " + Bound(model, fNMax, false) + "}");
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
