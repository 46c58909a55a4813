/// \file RConstants.hxx
/// \ingroup TMVA
/// \brief What operators do with tensors whose values are known when the code is generated, and with those that only get a new shape.

#ifndef TMVA_SOFIE_RCONSTANTS
#define TMVA_SOFIE_RCONSTANTS

#include "TMVA/SOFIE_common.hxx"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

class RModel;

/// The only value of a weight or constant as a C++ literal, or "" if the tensor is none or has several values.
std::string ScalarLiteral(RModel &model, const std::string &name);

/// The values of a weight or constant of integers.
/// \throws std::runtime_error if it is unknown, or no tensor of integers that int64 holds.
std::vector<std::int64_t> IntegerValues(RModel &model, const std::string &name);

/// The values of a tensor of integers as dimensions, where they are known when the code is generated: those of a weight, of a
/// constant, or of a tensor of dimensions. A negative one is a number, size_t of it. \return false where they are not known.
bool SizeValues(RModel &model, const std::string &name, std::vector<Dim> &values);

/// Add a tensor of known values, which is a weight where `like` is one, and a constant of the code where that is one.
void AddKnownTensor(RModel &model, const std::string &name, const std::string &like, const std::vector<size_t> &shape,
                    std::shared_ptr<void> data);

/// Add a tensor that is x in another shape, in the same memory. \return whether its values are known.
bool AddView(RModel &model, const std::string &x, const std::string &name, const std::vector<Dim> &shape);

/// An axis counted from the front. \return size_t(-1) if it is not one of the rank.
size_t AxisOf(std::int64_t axis, size_t rank);

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCONSTANTS
