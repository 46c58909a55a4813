/// \file RPointwise.hxx
/// \ingroup TMVA
/// \brief Operators on one to three tensors, element by element, whose types differ or that of the result does.

#ifndef TMVA_SOFIE_RPOINTWISE
#define TMVA_SOFIE_RPOINTWISE

#include "TMVA/ROperator.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"

#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// The call of Kernel::Pointwise.
/// \param loops over the result and the inputs. \param names the inputs. \param nameY the output. \param typeY its type in C++.
/// \param functor an expression of a functor.
std::string PointwiseCode(const RBroadcast &loops, const std::vector<std::string> &names, const std::string &nameY,
                          const std::string &typeY, const std::string &functor);

/// Whether row i of a result depends on row i alone of the inputs that have the batch.
bool BroadcastActsOnRows(const std::vector<std::vector<Dim>> &shapes, size_t rankY, const std::vector<bool> &batched);

/// \class RPointwise
/// \ingroup TMVA
/// \brief y = f(a, b, ...) with broadcasting; f is a functor of kernels/Pointwise.hxx or of another file.
class RPointwise : public ROperator {
private:
   std::string fOpType;
   std::string fFunctor; ///< A C++ expression.
   std::string fNY;
   std::vector<ETensorType> fTypes; ///< Of the inputs.
   ETensorType fTypeY;
   std::vector<std::vector<Dim>> fShapes; ///< Of the inputs.
   std::vector<Dim> fShapeY;

public:
   /// \param opType the ONNX name. \param functor an expression of a functor. \param names the inputs. \param types their types, UNDEFINED
   /// for any. \param nameY the output. \param typeY its type.
   RPointwise(std::string opType, std::string functor, std::vector<std::string> names, std::vector<ETensorType> types,
              std::string nameY, ETensorType typeY);

   void Initialize(RModel &model) override;
   std::string Generate(std::string opName) override;
   std::string GetOpType() const override { return fOpType; }
   std::vector<std::string> GetKernels() const override { return {"Pointwise"}; }
   Dim GetFlops(const RModel &model) const override { return LengthOf(model, fNY); }
   bool ActsOnRows(const std::vector<bool> &batched) const override
   {
      return BroadcastActsOnRows(fShapes, fShapeY.size(), batched);
   }

protected:
   /// The type of an input.
   ETensorType GetInputType(size_t input) const { return fTypes.at(input); }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RPOINTWISE
