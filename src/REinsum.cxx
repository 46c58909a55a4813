#include "TMVA/SOFIE/REinsum.hxx"

#include "TMVA/RModel.hxx"
#include "TMVA/SOFIE/RBroadcast.hxx"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

const Dim kZero(size_t(0));
const Dim kOne(size_t(1));

/// What stands between commas.
std::vector<std::string> Terms(const std::string &text)
{
   std::vector<std::string> terms(1);
   for (char const c : text) {
      if (c == ',')
         terms.emplace_back();
      else
         terms.back() += c;
   }
   return terms;
}

} // namespace

REinsum::REinsum(ETensorType type, std::string equation, std::vector<std::string> namesX, std::string nameY)
   : fType(type), fEquation(std::move(equation)), fNX(std::move(namesX)), fNY(UTILITY::Clean_name(std::move(nameY)))
{
   fEquation.erase(std::remove(fEquation.begin(), fEquation.end(), ' '), fEquation.end());
   for (auto &name : fNX)
      name = UTILITY::Clean_name(std::move(name));
   fInputTensorNames = fNX;
   fOutputTensorNames = {fNY};
}

/// The labels of a term's dimensions. Those that `...` stands for are numbered from the back, as they broadcast.
std::vector<std::string> REinsum::LabelsOf(const std::string &term, size_t rank, bool isOutput) const
{
   size_t const dots = term.find("...");
   size_t const letters = term.size() - (dots == std::string::npos ? 0 : 3);
   if (!isOutput && (letters > rank || (dots == std::string::npos && letters != rank)))
      Fail("the term " + term + " of " + fEquation + " for a tensor of " + std::to_string(rank) + " dimensions");
   std::vector<std::string> labels;
   for (size_t i = 0; i < term.size(); ++i) {
      if (i == dots) {
         for (size_t n = rank - letters; n-- > 0;)
            labels.push_back(std::to_string(n));
         i += 2;
      } else if (std::isalpha(static_cast<unsigned char>(term[i])) != 0) {
         labels.emplace_back(1, term[i]);
      } else {
         Fail("the equation " + fEquation + " has the letter " + term[i]);
      }
   }
   return labels;
}

void REinsum::Settle()
{
   size_t const arrow = fEquation.find("->");
   auto const terms = Terms(fEquation.substr(0, arrow));
   if (terms.size() != fNX.size())
      Fail("the equation " + fEquation + " for " + std::to_string(fNX.size()) + " inputs");
   std::map<std::string, RIndex> indices;
   std::map<std::string, int> uses;
   size_t dots = 0;
   for (size_t k = 0; k < terms.size(); ++k) {
      auto const labels = LabelsOf(terms[k], fShapes[k].size(), false);
      auto const strides = UTILITY::ComputeStrideFromShape(fShapes[k]);
      for (size_t d = 0; d < labels.size(); ++d) {
         auto &index = indices[labels[d]];
         if (index.fStrides.empty())
            index = {labels[d], kOne, std::vector<Dim>(terms.size(), kZero)};
         ++uses[labels[d]];
         bool const isDots = std::isdigit(static_cast<unsigned char>(labels[d][0])) != 0;
         dots = isDots ? std::max(dots, std::stoul(labels[d]) + 1) : dots;
         if (fShapes[k][d] == kOne)
            continue; // it broadcasts
         if (index.fSize != kOne && index.fSize != fShapes[k][d])
            Fail("the sizes " + index.fSize.GetVal() + " and " + fShapes[k][d].GetVal() + " of the index " + labels[d] +
                 " in " + fEquation);
         index.fSize = fShapes[k][d];
         // A label that stands twice means the diagonal.
         index.fStrides[k] = AddDims(index.fStrides[k], strides[d]);
      }
   }
   std::vector<std::string> wanted;
   if (arrow != std::string::npos) {
      std::string const term = fEquation.substr(arrow + 2);
      size_t const letters = term.size() - (term.find("...") == std::string::npos ? 0 : 3);
      wanted = LabelsOf(term, letters + dots, true);
   } else {
      for (size_t n = dots; n-- > 0;)
         wanted.push_back(std::to_string(n));
      for (auto const &[label, count] : uses) {
         if (count == 1 && std::isalpha(static_cast<unsigned char>(label[0])) != 0)
            wanted.push_back(label);
      }
   }
   for (auto const &label : wanted) {
      auto const found = indices.find(label);
      if (found == indices.end())
         Fail("the index " + label + " of the output is in no input, or twice in the output: " + fEquation);
      fKept.push_back(found->second);
      indices.erase(found);
   }
   for (auto const &[label, index] : indices) {
      if (index.fSize != kOne)
         fSummed.push_back(index);
   }
}

/// Two indices that are one in every input become one.
void REinsum::MergeSums()
{
   for (size_t i = 0; i < fSummed.size(); ++i) {
      for (size_t j = 0; j < fSummed.size(); ++j) {
         bool fits = i != j;
         for (size_t k = 0; fits && k < fNX.size(); ++k)
            fits = fSummed[i].fStrides[k] == MulDims(fSummed[j].fSize, fSummed[j].fStrides[k]);
         if (!fits)
            continue;
         fSummed[j].fSize = MulDims(fSummed[i].fSize, fSummed[j].fSize);
         fSummed.erase(fSummed.begin() + static_cast<std::ptrdiff_t>(i));
         return MergeSums();
      }
   }
}

/// Whether it is a product of matrices: one index is summed, of the last two of the output each is in one input only.
void REinsum::FindMatrices()
{
   if (fNX.size() != 2 || fSummed.size() != 1 || fKept.empty() || !HasIndex(fSummed[0], 0) || !HasIndex(fSummed[0], 1))
      return;
   auto const isOnlyIn = [&](const RIndex &index, size_t input) {
      return HasIndex(index, input) && !HasIndex(index, 1 - input);
   };
   for (size_t left : {0, 1}) {
      if (!isOnlyIn(fKept.back(), 1 - left))
         continue;
      fIsMatMul = true;
      fLeft = left;
      fHasRows = fKept.size() > 1 && isOnlyIn(fKept[fKept.size() - 2], left);
   }
}

void REinsum::Initialize(RModel &model)
{
   if (fNX.empty())
      Fail("it has no inputs");
   for (auto const &name : fNX) {
      RequireTensor(model, name, fType);
      fShapes.push_back(model.GetDimTensorShape(name));
   }
   if (fType == ETensorType::BOOL)
      Fail("elements of type bool are not supported");
   Settle();
   MergeSums();
   FindMatrices();
   std::vector<Dim> shapeY;
   for (auto const &index : fKept)
      shapeY.push_back(index.fSize);
   model.AddIntermediateTensor(fNY, fType, shapeY);
   if (fIsMatMul) {
      // One panel of 256 bytes for each line of the right matrix, and one for the starting values.
      AddScratch(model, fType, MulDims(AddDims(fSummed[0].fSize, kOne), Dim(256 / GetTypeSize(fType))));
   }
}

std::string REinsum::LoopsCode(const std::vector<RIndex> &indices) const
{
   std::vector<Dim> sizes;
   std::vector<std::vector<Dim>> strides(fNX.size());
   for (auto const &index : indices) {
      sizes.push_back(index.fSize);
      for (size_t k = 0; k < fNX.size(); ++k)
         strides[fIsMatMul && fLeft == 1 ? 1 - k : k].push_back(index.fStrides[k]);
   }
   return LoopCode(sizes, strides);
}

std::string REinsum::MatMulCode() const
{
   size_t const right = 1 - fLeft;
   auto const &sum = fSummed[0];
   auto const &columns = fKept.back();
   Dim const rows = fHasRows ? fKept[fKept.size() - 2].fSize : kOne;
   Dim const rowStride = fHasRows ? fKept[fKept.size() - 2].fStrides[fLeft] : kZero;
   auto const strides = [](const Dim &row, const Dim &column) {
      return "Kernel::Strides{" + row.GetVal() + ", " + column.GetVal() + "}";
   };
   std::vector<RIndex> const outer(fKept.begin(), fKept.end() - (fHasRows ? 2 : 1));
   return "Kernel::Isa<W>::template Call<Kernel::MatMul<" + ConvertTypeToString(fType) + ">>(" + LoopsCode(outer) +
          ", " + SizeArgument(rows) + ", " + SizeArgument(sum.fSize) + ", " + SizeArgument(columns.fSize) +
          ", tensor_" + fNX[fLeft] + ", " + strides(rowStride, sum.fStrides[fLeft]) + ", tensor_" + fNX[right] + ", " +
          strides(sum.fStrides[right], columns.fStrides[right]) + ", " + ConvertTypeToString(fType) + "(1), tensor_" +
          fNY + ", tensor_" + fScratchTensorNames.at(0) + ", Kernel::Identity{});";
}

std::string REinsum::Generate(std::string)
{
   if (fIsMatMul)
      return MatMulCode();
   std::string const type = ConvertTypeToString(fType);
   std::string tensors;
   for (auto const &name : fNX)
      tensors += (tensors.empty() ? "tensor_" : ", tensor_") + name;
   return "Kernel::Isa<W>::template Call<Kernel::Einsum<" + type + ", " +
          (fType == ETensorType::FLOAT ? "double" : type) + ">>(" + LoopsCode(fKept) + ", " + LoopsCode(fSummed) +
          ", Kernel::Factors<" + type + ", " + std::to_string(fNX.size()) + ">{{" + tensors + "}}, tensor_" + fNY +
          ");";
}

bool REinsum::ActsOnRows(const std::vector<bool> &batched) const
{
   // The output's first index is the first of each batched input, and of no other.
   if (fKept.empty())
      return false;
   for (size_t k = 0; k < fNX.size(); ++k) {
      bool const leads = !fShapes[k].empty() && HasIndex(fKept[0], k) &&
                         fKept[0].fStrides[k] == UTILITY::ComputeStrideFromShape(fShapes[k])[0];
      if (batched[k] ? !leads : HasIndex(fKept[0], k))
         return false;
   }
   return true;
}

Dim REinsum::GetFlops(const RModel &model) const
{
   Dim flops = MulDims(LengthOf(model, fNY), Dim(fNX.size() > 1 ? 2 : 1));
   for (auto const &index : fSummed)
      flops = MulDims(flops, index.fSize);
   return flops;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
