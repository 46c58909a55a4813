/// \file ROperator.hxx
/// \ingroup TMVA
/// \brief The base of all operators.

#ifndef TMVA_SOFIE_ROPERATOR
#define TMVA_SOFIE_ROPERATOR

#include "TMVA/SOFIE_common.hxx"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

class RModel;
struct RBlock;
struct RBlockPrinter;

/// \class ROperator
/// \ingroup TMVA
/// \brief One node of a model: settles shapes and types in Initialize, and writes the call of its kernel in Generate.
///
/// The code that Generate returns sees every tensor that it names as a pointer `tensor_<name>`, every named dimension as a
/// `size_t`, every packed weight as a pointer under its name, the width of the vectors as the template argument `W`, and
/// runs kernels by `Kernel::Isa<W>::template Call<KERNEL>(arguments)`.
class ROperator {
public:
   /// A weight in the form that a kernel reads, made once when the Session is made.
   struct PackedWeight {
      std::string fName; ///< The pointer's name in the generated code.
      ETensorType fType; ///< The type of its elements.
      std::string
         fExpression; ///< An expression of type Kernel::Buffer<T>, over `tensor_<name>` of initialized tensors and `W`.
   };

   /// A tensor that is added to another.
   struct Addend {
      std::string fName;
      std::vector<Dim> fShape;
      bool fIsWeight; ///< Whether it is known when the Session is made.
   };

   /// What named dimensions must not be.
   struct SizeCheck {
      std::string fCondition; ///< A C++ expression over the names.
      std::string fMessage;   ///< Why not.
   };

   virtual ~ROperator();

   /// Shapes of the outputs from shapes of the inputs; for classes of users that call it themselves.
   /// \throws std::runtime_error unless overridden: Initialize is what RModel calls.
   virtual std::vector<std::vector<size_t>> ShapeInference(std::vector<std::vector<size_t>> inputs);

   /// Types of the outputs from types of the inputs.
   virtual std::vector<ETensorType> TypeInference(std::vector<ETensorType> inputs);

   /// Check the inputs, settle shapes and types, and register the outputs with the model.
   /// \throws std::runtime_error that names the operator and what does not fit.
   virtual void Initialize(RModel &model) = 0;

   /// Once it is initialized: read and write tensors with their channels last (RModel::ChannelsLast) where that is faster. Not asked of
   /// operators within blocks.
   virtual void ChooseLayout(RModel & /*model*/) {}

   /// The statements that compute the outputs. \param opName a name that is unique in the model.
   virtual std::string Generate(std::string opName) = 0;

   /// Statements that compute those sizes of the outputs that depend on data (RModel::AddDataDim), before the outputs get their memory.
   virtual std::string GenerateSizes(std::string opName);
   /// As Generate, for an operator with blocks.
   virtual std::string GenerateControl(const std::string &opName, const RBlockPrinter &printer);
   /// The branches or the body of an operator of control flow.
   virtual std::vector<RBlock *> GetBlocks();
   /// Whether its code gives those outputs their memory whose sizes depend on data.
   virtual bool GrowsOutputs() const { return false; }

   /// Statements for the constructor of the Session.
   virtual std::string GenerateInitCode();
   /// Declarations for the Session.
   virtual std::string GenerateDeclCode();
   /// Data members for the Session.
   virtual std::string GenerateSessionMembersCode(std::string opName);
   /// A header file that the generated code includes; for operators of users.
   virtual std::string Header();
   /// BLAS routines that the code calls: none, the kernels need no BLAS.
   virtual std::vector<std::string> GetBlasRoutines();
   /// Headers of the standard library that the code needs.
   virtual std::vector<std::string> GetStdLibs();

   /// The ONNX name of what it computes, for comments and messages.
   virtual std::string GetOpType() const;
   /// The kernel files (without suffix) whose text the generated code needs.
   virtual std::vector<std::string> GetKernels() const;
   /// The weights that it packs when the Session is made.
   virtual std::vector<PackedWeight> GetPackedWeights() const;
   /// The sizes that it cannot compute; those of the operators before it have been checked.
   virtual std::vector<SizeCheck> GetSizeChecks() const;
   /// The inputs that it reads only through packed weights.
   virtual std::set<std::string> GetPackedInputs() const;

   /// Whether row i of every output depends on nothing but row i of the batched inputs, a row being an index of the leading dimension.
   /// \param batched for each input, whether its leading dimension is the batch.
   virtual bool ActsOnRows(const std::vector<bool> & /*batched*/) const { return false; }

   /// The floating-point operations of one run, for a profile: two for each multiply-add of a product, one for each element of anything
   /// else that computes, none for what moves data.
   virtual Dim GetFlops(const RModel &model) const;

   /// An elementwise function, as a C++ expression of a functor, that the operator before it can apply to its own output; or "".
   virtual std::string GetEpilogue() const;
   /// Take over the next operator's function and output. \return false if it cannot.
   virtual bool FuseEpilogue(const ROperator & /*next*/) { return false; }

   /// What an operator that adds, adds to an input whose shape is that of the sum, and broadcasts to it; nothing for any other operator or
   /// input.
   virtual std::optional<Addend> GetAddend(const std::string &input) const;
   /// Take over the next operator's addition to this one's output, and its output. \return false if it cannot.
   virtual bool FuseAddition(const ROperator & /*next*/, const Addend & /*addend*/) { return false; }

   /// The names of the inputs; "" for one left out.
   const std::vector<std::string> &GetOpInputTensors() const { return fInputTensorNames; }
   /// The names of the outputs.
   const std::vector<std::string> &GetOpOutputTensors() const { return fOutputTensorNames; }
   /// The names of tensors that live only while it runs.
   const std::vector<std::string> &GetOpScratchTensors() const { return fScratchTensorNames; }
   /// Whether its outputs are known when the code is generated.
   bool IsOutputConstant() const { return fIsOutputConstant; }

   /// Where it comes from in the user's model, for the header's comments and for messages.
   void SetOrigin(const std::string &origin) { fOrigin = origin; }
   /// Where it comes from in the user's model, or "".
   const std::string &GetOrigin() const { return fOrigin; }

   /// A dimension as an argument of a kernel: `Kernel::Fixed<7>{}`, or the expression of named dimensions.
   static std::string SizeArgument(const Dim &dim);

protected:
   bool fUseSession = true;                      ///< Sic, as in ROOT: code is always generated for a Session.
   bool fIsOutputConstant = false;               ///< The outputs are constants of the model; no code is needed.
   std::vector<std::string> fInputTensorNames;   ///< Inputs, in ONNX's order.
   std::vector<std::string> fOutputTensorNames;  ///< Outputs, in ONNX's order.
   std::vector<std::string> fScratchTensorNames; ///< Memory for the time it runs.
   std::string fOrigin;                          ///< Where it is in the user's model.
   std::string fSizesCode;                       ///< Sets sizes that are read from tensors.

   /// The C++ type that kernels have for the elements: a bool is one byte, 0 or 1.
   static std::string StorageType(ETensorType type) { return ConvertTypeToStorage(type); }
   /// Dimensions that a tensor of integers holds: numbers, names, or what is read when the operator runs.
   /// Fails for negative ones, and where their number is not known.
   std::vector<Dim> SizesIn(RModel &model, const std::string &name);
   /// A value as a C++ literal of the type.
   static std::string Literal(double value, ETensorType type);
   /// The number of a tensor's elements.
   static Dim LengthOf(const RModel &model, const std::string &name);
   /// An error that names the operator and its place in the user's model.
   [[noreturn]] void Fail(const std::string &what) const;
   /// Fail unless the tensor is known to the model and of the type.
   void RequireTensor(const RModel &model, const std::string &name, ETensorType type) const;
   /// Fail unless the tensor is known to the model.
   void RequireTensor(const RModel &model, const std::string &name) const;
   /// The shape that all inputs broadcast to, each given by name and shape; fails with them where there is none.
   std::vector<Dim> BroadcastShape(const std::vector<std::pair<std::string, std::vector<Dim>>> &inputs) const;
   /// What FuseEpilogue does where a functor is applied to the result: takes over the next operator's function, type and output.
   /// \return true, as FuseEpilogue does.
   bool TakeOver(const ROperator &next, std::string &functor, std::string &opType, std::string &nameY);
   /// What FuseAddition does: takes over the next operator's type and output, and reads the addend. \return true, as FuseAddition does.
   bool TakeOver(const ROperator &next, const Addend &addend, std::string &opType, std::string &nameY);
   /// The template argument of a kernel that packs elements as another type; "" where that is their own.
   static std::string PackedTypeCode(ETensorType type, ETensorType packedType);
   /// The functor that a kernel ends with: the addend, or none if it is "", and then a function. \param places PlacesCode of the addend.
   static std::string FinishCode(const std::string &nameAddend, const std::string &places, const std::string &nameY,
                                 const std::string &functor);
   /// Where a kernel that writes rows finds what it adds to them: "" for an addend of the sum's shape, code for one whose rows are each added
   /// to several neighbouring ones, nothing for any other.
   static std::optional<std::string> PlacesCode(const std::vector<Dim> &shapeAddend, const std::vector<Dim> &shapeY);
   /// Read the tensor with its channels last. \param name the operator's own copy of its name.
   void ReadChannelsLast(RModel &model, std::string &name);
   /// Write the tensor with its channels last. \param name the operator's own copy of its name.
   void WriteChannelsLast(RModel &model, std::string &name);
   /// Register memory for the time that the operator runs. \return the tensor's name.
   std::string AddScratch(RModel &model, ETensorType type, const Dim &length);
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_ROPERATOR
