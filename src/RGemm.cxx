#include "TMVA/SOFIE/RGemm.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"
#include "TMVA/SOFIE/RElementwise.hxx"

#include <algorithm>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

const Dim kOne(size_t(1));

/// All but the last two dimensions.
std::vector<Dim> StackOf(const std::vector<Dim> &shape)
{
   return std::vector<Dim>(shape.begin(), shape.end() - 2);
}

} // namespace

RGemm::RGemm(ETensorType type, double alpha, double beta, int_t transA, int_t transB, std::string nameA,
             std::string nameB, std::string nameC, std::string nameY, EActivationType activation)
   : fType(type), fAlpha(alpha), fBeta(beta), fTransA(transA != 0), fTransB(transB != 0),
     fNA(UTILITY::Clean_name(std::move(nameA))), fNB(UTILITY::Clean_name(std::move(nameB))),
     fNC(UTILITY::Clean_name(std::move(nameC))), fNY(UTILITY::Clean_name(std::move(nameY))),
     fFunctor(ActivationFunctor(activation)),
     fOpType(fTransA || fTransB || !fNC.empty() || fAlpha != 1 ? "Gemm" : "MatMul")
{
   fInputTensorNames = {fNA, fNB};
   if (!fNC.empty())
      fInputTensorNames.push_back(fNC);
   fOutputTensorNames = {fNY};
   if (fFunctor.empty())
      Fail("the activation SOFTMAX cannot be fused");
}

void RGemm::Initialize(RModel &model)
{
   RequireTensor(model, fNA, fType);
   RequireTensor(model, fNB, fType);
   fShapeA = model.GetDimTensorShape(fNA);
   fShapeB = model.GetDimTensorShape(fNB);
   if (fShapeA.empty() || fShapeB.empty())
      Fail("a scalar cannot be multiplied as a matrix");
   bool const isRowA = fShapeA.size() == 1;
   bool const isColumnB = fShapeB.size() == 1;
   if ((fTransA && fShapeA.size() != 2) || (fTransB && fShapeB.size() != 2))
      Fail("only matrices can be transposed, not shapes " + ConvertDimShapeToString(fShapeA) + " and " +
           ConvertDimShapeToString(fShapeB));
   if (isRowA)
      fShapeA.insert(fShapeA.begin(), kOne);
   if (isColumnB)
      fShapeB.push_back(kOne);

   Dim const rows = *(fShapeA.end() - (fTransA ? 1 : 2));
   Dim const depth = *(fShapeA.end() - (fTransA ? 2 : 1));
   Dim const depthB = *(fShapeB.end() - (fTransB ? 1 : 2));
   Dim const columns = *(fShapeB.end() - (fTransB ? 2 : 1));
   if (depth != depthB)
      Fail("the inner dimensions " + depth.GetVal() + " of " + fNA + " " + ConvertDimShapeToString(fShapeA) + " and " +
           depthB.GetVal() + " of " + fNB + " " + ConvertDimShapeToString(fShapeB) + " differ");

   fShapeFull = UTILITY::MultidirectionalBroadcastShape(StackOf(fShapeA), StackOf(fShapeB)).second;
   fShapeFull.push_back(rows);
   fShapeFull.push_back(columns);
   fShapeY = fShapeFull;
   if (isColumnB)
      fShapeY.pop_back();
   if (isRowA)
      fShapeY.erase(fShapeY.end() - (isColumnB ? 1 : 2));

   bool isColumnBias = true;
   if (!fNC.empty()) {
      RequireTensor(model, fNC, fType);
      fShapeC = model.GetDimTensorShape(fNC);
      if (UTILITY::MultidirectionalBroadcastShape(fShapeC, fShapeY).second != fShapeY)
         Fail("C " + fNC + " " + ConvertDimShapeToString(fShapeC) + " does not broadcast to " +
              ConvertDimShapeToString(fShapeY));
      for (size_t i = 0; i + 1 < fShapeC.size(); ++i)
         isColumnBias = isColumnBias && fShapeC[i] == kOne;
      isColumnBias = isColumnBias && !isColumnB && model.IsInitializedTensor(fNC);
   }
   fHasRowsA = !fTransA && fShapeB.size() == 2;
   fIsDense = (fHasRowsA || fShapeA.size() == 2) && fShapeB.size() == 2 && model.IsInitializedTensor(fNB) &&
              isColumnBias && depth.dim > 0 && columns.dim > 0;
   fPackedType = model.GetPackedType(fType);
   model.AddIntermediateTensor(fNY, fType, fShapeY);
   if (!fIsDense) {
      // One panel of 256 bytes for each line of B, and one for the starting values.
      AddScratch(model, fType, MulDims(AddDims(depth, kOne), Dim(256 / GetTypeSize(fType))));
   }
}

/// Images flattened to rows may come with their channels last: the lines of B are packed in that order.
void RGemm::ChooseLayout(RModel &model)
{
   std::string source = model.GetAliasedTensor(fNA);
   if (!fIsDense || fTransA || fShapeA.size() != 2 || !model.HasChannelsLast(source))
      return;
   auto const shape = model.GetDimTensorShape(source);
   if (shape[0] != fShapeA[0] || shape[1].isParam)
      return;
   fChannels = shape[1].dim;
   std::replace(fInputTensorNames.begin(), fInputTensorNames.end(), fNA, source);
   ReadChannelsLast(model, source);
   fNA = source;
}

std::string RGemm::StridesOf(const std::vector<Dim> &shape, bool transposed) const
{
   Dim const &row = shape.back();
   std::string const strides = transposed ? "1, " + row.GetVal() : row.GetVal() + ", 1";
   return row.isParam ? "Kernel::Strides{" + strides + "}" : "Kernel::FixedStrides<" + strides + ">{}";
}

std::string RGemm::GenerateDense() const
{
   Dim const rows = fHasRowsA ? ProductOfDims({fShapeA.begin(), fShapeA.end() - 1}) : fShapeA[1];
   std::string const depth = (fTransB ? fShapeB[1] : fShapeB[0]).GetVal();
   std::string const columns = fShapeFull.back().GetVal();
   return "Kernel::Isa<W>::template Call<Kernel::Dense<" + ConvertTypeToString(fType) + ", " + depth + ", " + columns +
          ">>(" + SizeArgument(rows) + ", tensor_" + fNA + ", " + StridesOf(fShapeA, fTransA) + ", packed_" + fNY +
          ", tensor_" + fNY + ", " + FinishCode(fNAddend, fPlaces, fNY, fFunctor) + ");";
}

std::string RGemm::GenerateMatMul() const
{
   std::string const type = ConvertTypeToString(fType);
   Dim const rows = fHasRowsA ? ProductOfDims({fShapeA.begin(), fShapeA.end() - 1}) : *(fShapeFull.end() - 2);
   Dim const depth = *(fShapeA.end() - (fTransA ? 2 : 1));
   std::vector<Dim> stackA = StackOf(fShapeA);
   std::vector<Dim> stackB = StackOf(fShapeB);
   std::vector<Dim> stackY = StackOf(fShapeFull);
   if (fHasRowsA)
      stackA = stackY = {};
   // The loops run over whole matrices: their strides are counted in elements of A and B.
   Dim const sizeA = MulDims(*(fShapeA.end() - 2), fShapeA.back());
   Dim const sizeB = MulDims(*(fShapeB.end() - 2), fShapeB.back());
   RBroadcast const stack(stackY, {stackA, stackB}, {sizeA, sizeB});

   std::string const functor = fNC.empty() ? FinishCode(fNAddend, fPlaces, fNY, fFunctor) : "Kernel::Identity{}";
   std::string code = "Kernel::Isa<W>::template Call<Kernel::MatMul<" + type + ">>(" + stack.LoopCode(true) + ", " +
                      SizeArgument(rows) + ", " + SizeArgument(depth) + ", " + SizeArgument(fShapeFull.back()) +
                      ", tensor_" + fNA + ", " + StridesOf(fShapeA, fTransA) + ", tensor_" + fNB + ", " +
                      StridesOf(fShapeB, fTransB) + ", " + Literal(fAlpha, fType) + ", tensor_" + fNY + ", tensor_" +
                      fScratchTensorNames.at(0) + ", " + functor + ");";
   if (fNC.empty())
      return code;
   RBroadcast const add(fShapeY, {fShapeY, fShapeC});
   std::string const function =
      fBeta == 1 ? "Kernel::Add{}" : "Kernel::AddScaled<" + type + ">{" + Literal(fBeta, fType) + "}";
   return code + "\nKernel::Isa<W>::template Call<Kernel::Binary<" + type + ", 1, " +
          std::to_string(add.GetInnerStride(1)) + ">>(" + add.LoopCode(false) + ", " +
          SizeArgument(add.GetInnerSize()) + ", tensor_" + fNY + ", tensor_" + fNC + ", tensor_" + fNY + ", " +
          function + ", " + fFunctor + ");";
}

RGemm::~RGemm() = default;

std::string RGemm::GetOpType() const
{
   return fOpType;
}

std::string RGemm::Generate(std::string)
{
   return fIsDense ? GenerateDense() : GenerateMatMul();
}

std::vector<std::string> RGemm::GetKernels() const
{
   if (fIsDense || fNC.empty())
      return {"Gemm"};
   return {"Gemm", "Binary"};
}

std::vector<ROperator::PackedWeight> RGemm::GetPackedWeights() const
{
   if (!fIsDense)
      return {};
   std::string const type = ConvertTypeToString(fType);
   std::string const depth = (fTransB ? fShapeB[1] : fShapeB[0]).GetVal();
   std::string const columns = fShapeFull.back().GetVal();
   std::string bias = "static_cast<" + type + " const *>(nullptr), 0";
   if (!fNC.empty())
      bias = "tensor_" + fNC + (fShapeC.empty() || fShapeC.back() == kOne ? ", 0" : ", 1");
   std::string const places = fChannels > 0 ? ", " + depth + " / " + std::to_string(fChannels) : "";
   return {{"packed_" + fNY, fPackedType,
            "Kernel::PackDense<" + type + ", W" + PackedTypeCode(fType, fPackedType) + ">(" + depth + ", " + columns +
               ", tensor_" + fNB + ", Kernel::Strides{" + (fTransB ? "1, " + depth : columns + ", 1") + "}, " +
               Literal(fAlpha, fType) + ", " + bias + ", " + Literal(fBeta, fType) + places + ")"}};
}

std::set<std::string> RGemm::GetPackedInputs() const
{
   if (!fIsDense)
      return {};
   return fNC.empty() ? std::set<std::string>{fNB} : std::set<std::string>{fNB, fNC};
}

bool RGemm::ActsOnRows(const std::vector<bool> &batched) const
{
   // The batch is the leading dimension of Y, which comes from the stack of both, or from A's rows.
   size_t const rank = fShapeY.size();
   auto const leads = [&](size_t input, const std::vector<Dim> &shape) {
      return !batched[input] || shape.size() == rank;
   };
   bool const isRowDimension = rank == 2 && fShapeA.size() == 2;
   if (isRowDimension && (fTransA || !batched[0] || batched[1]))
      return false;
   if (fShapeA.size() > 2 && batched[0] && fShapeA.size() < fShapeFull.size())
      return false;
   if (batched[1] && (fShapeB.size() < 3 || fShapeB.size() < fShapeFull.size()))
      return false;
   // A dense product's C is a weight, and may stand behind an addend.
   return rank >= 2 && (fNC.empty() || fIsDense || leads(2, fShapeC));
}

bool RGemm::FuseEpilogue(const ROperator &next)
{
   return TakeOver(next, fFunctor, fOpType, fNY);
}

Dim RGemm::GetFlops(const RModel &model) const
{
   Dim const depth = *(fShapeA.end() - (fTransA ? 2 : 1));
   return ProductOfDims({LengthOf(model, fNY), depth, Dim(2)});
}

bool RGemm::FuseAddition(const ROperator &next, const Addend &addend)
{
   if (fFunctor != "Kernel::Identity{}")
      return false;
   bool const hasColumns = fShapeY == fShapeFull; // else B is a vector, say, and Y a stream of dot products
   bool const isColumnBias = addend.fIsWeight && hasColumns && ProductOfDims(addend.fShape) == fShapeY.back() &&
                             addend.fShape.back() == fShapeY.back();
   if (fIsDense && fNC.empty() && isColumnBias) {
      fNC = addend.fName;
      fBeta = 1;
      fShapeC = addend.fShape;
   } else if (auto const places = PlacesCode(addend.fShape, fShapeY);
              places && (places->empty() || hasColumns) && fNAddend.empty() && (fIsDense || fNC.empty())) {
      fNAddend = addend.fName;
      fPlaces = *places;
   } else {
      return false;
   }
   return TakeOver(next, addend, fOpType, fNY);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
