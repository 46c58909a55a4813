#include "TMVA/SOFIE/RIdentity.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RConstants.hxx"

#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

RIdentity::RIdentity(std::string nameX, std::string nameY)
   : fNX(UTILITY::Clean_name(std::move(nameX))), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fInputTensorNames = {fNX};
   fOutputTensorNames = {fNY};
}

void RIdentity::Initialize(RModel &model)
{
   RequireTensor(model, fNX);
   fIsOutputConstant = AddView(model, fNX, fNY, model.GetDimTensorShape(fNX));
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
