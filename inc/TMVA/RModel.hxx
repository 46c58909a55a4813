/// \file RModel.hxx
/// \ingroup TMVA
/// \brief A network as tensors and operators, and the C++ code that computes it.

#ifndef TMVA_SOFIE_RMODEL
#define TMVA_SOFIE_RMODEL

#include "TMVA/RModel_Base.hxx"
#include "TMVA/ROperator.hxx"
#include "TMVA/SOFIE/RBlock.hxx"
#include "TMVA/SOFIE_common.hxx"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace Internal {
namespace Kernel {
struct WeightTarget;
} // namespace Kernel
} // namespace Internal

/// \class RModel
/// \ingroup TMVA
/// \brief A network as tensors and operators: built tensor by tensor, settled by Initialize, printed by Generate.
///
/// Tensor names are cleaned (UTILITY::Clean_name) wherever they come in. Initialize settles shapes, types, fusion and memory;
/// after it Generate gives the same bytes each time.
class RModel final : public RModel_Base {
private:
   /// Where the memory of a tensor is.
   struct RPlan {
      std::string fBatch; ///< The dimension that is computed in blocks of rows, or "".
      size_t fRows = 1;   ///< Rows of one block.
      std::map<std::string, std::string>
         fStorage; ///< For each tensor, the one whose memory it shares (possibly itself).
      std::map<std::string, std::string> fOffsets; ///< For each tensor in the arena, its first byte as an expression.
      std::vector<std::string> fSlotBytes;         ///< Bytes of each slot, where they depend on named dimensions.
      std::set<std::string> fEpilogueKernels;      ///< The kernel files of operators that others compute.
      size_t fArenaBytes = 0;                      ///< The arena, where its size is known.
      size_t fLiveBytes = 0;                       ///< The most that is in use at one time, where that is known.
   };

   bool fIsInitialized = false;
   std::string fFailure; ///<! Why Initialize failed with the model half settled; it fails so again.
   int fVerbose = 0;
   OptimizationLevel fOptimizationLevel = OptimizationLevel::kExtended;
   std::map<std::string, InputTensorInfo> fInputTensorInfos;
   std::vector<std::string> fInputTensorNames;
   std::vector<std::string> fOutputTensorNames;
   std::map<std::string, InitializedTensor> fInitializedTensors;
   std::map<std::string, DynamicTensorInfo> fIntermediateTensorInfos;
   std::map<std::string, std::pair<std::vector<Dim>, bool>>
      fShapeTensors; ///< Values that are dimensions; true: a scalar.
   std::map<std::string, std::string> fAliasTensors;
   std::map<std::string, size_t> fShapeParams; ///< Named dimensions and their defaults.
   std::vector<std::string> fDimShapeNames;    ///< Named dimensions in the order in which infer takes them.
   std::vector<std::string> fDataDims;         ///< Dimensions whose sizes operators compute.
   std::map<std::string, std::string>
      fDataDimBounds; ///< What they never exceed, where that is known, as an expression.
   std::map<std::string, std::string> fOrigins;
   std::map<std::string, std::string> fChannelsLast;     ///< Tensors, and those that they are with their channels last.
   std::vector<std::unique_ptr<ROperator>> fConversions; ///< Operators to come behind the one that is being settled.
   std::vector<std::unique_ptr<ROperator>> fOperators;
   ETensorType fWeightType = ETensorType::FLOAT; ///< What packed weights of floats are rounded to.
   RPlan fPlan;                                  ///<! Settled by Initialize.

   // RModel.cxx: settling
   void Settle();
   void InitializeOperators();
   void CheckWeightType() const;
   std::unique_ptr<ROperator> Conversion(const std::string &from, const std::string &to, bool toLast);
   void CheckNewTensor(const std::string &name) const;
   void AddDimNames(const std::vector<Dim> &shape);
   void SubstituteParams(const std::map<std::string, size_t> &params);
   void CheckOutputs() const;
   void FuseOperators(std::vector<std::unique_ptr<ROperator>> &operators, const std::vector<std::string> &outputs);
   void RemoveUnusedOperators();
   void FindBatch();
   bool IsBatched(const std::string &name, const std::string &batch) const;
   bool CanBatch(const std::string &batch) const;
   void ShareStorage();
   void PlanMemory();
   void PlanRows();

   // RModelCode.cxx: printing
   std::string SummaryCode() const;
   std::string WeightsCode() const;
   std::string SessionCode() const;
   std::string SizeErrorCode() const;
   std::string RunCode() const;
   std::string OperatorCode(ROperator &op, std::vector<ROperator *> &printed) const;
   Dim BytesOf(const ROperator &op) const;
   std::string ProfileCode(const std::vector<ROperator *> &operators) const;
   std::string GrowCode(const std::string &name, bool keep) const;
   void VisitOperators(const std::function<void(ROperator &)> &visit) const;
   std::vector<std::string> OutputDataDims() const;
   std::string DimParameters() const;
   std::string MaxLengthCode(const std::string &output) const;
   bool IsGrowing(const std::string &name) const;
   std::string DoInferCode() const;
   std::string DimsCode() const;
   std::string DescriptionJson() const;
   std::vector<std::string> InferParameters(bool outputs, bool types) const;
   std::string StorageType(const std::string &name) const;
   std::string PerRowLength(const std::string &name) const;
   std::string BytesInArena(const std::string &name) const;
   bool HasDynamicArena() const;
   std::vector<std::string> WeightNames() const;
   std::string ReturnType() const;
   std::string WeightFileName() const;
   std::vector<Internal::Kernel::WeightTarget> WeightTargets() const;
   std::uint64_t WeightFingerprint() const;

public:
   // All compiled in the library: cling would need more time for them than for a whole network.
   RModel();
   /// \param name the model's file name. \param parsedtime when it was parsed.
   RModel(std::string name, std::string parsedtime);
   /// \param functionName the model's name.
   RModel(std::string functionName);
   RModel(RModel &&);
   RModel &operator=(RModel &&);
   RModel(const RModel &) = delete;
   RModel &operator=(const RModel &) = delete;
   ~RModel() override;

   /// The level of verbosity.
   int Verbose() const { return fVerbose; }

   /// The shape of a tensor whose dimensions are all numbers.
   /// \throws std::runtime_error if the tensor is unknown or has a named dimension.
   std::vector<size_t> GetTensorShape(const std::string &name) const;
   /// The shape of a tensor with a named dimension. \throws std::runtime_error if it has none.
   std::vector<Dim> GetDynamicTensorShape(const std::string &name) const;
   /// The shape of any tensor. \throws std::runtime_error if it is unknown.
   std::vector<Dim> GetDimTensorShape(const std::string &name) const;
   /// The type of a tensor. \throws std::runtime_error if it is unknown.
   ETensorType GetTensorType(const std::string &name) const;
   /// The values of a tensor that holds dimensions. \throws std::runtime_error if it is none.
   const std::vector<Dim> &GetShapeTensorValues(const std::string &name) const;

   /// Whether any tensor has this name.
   bool CheckIfTensorAlreadyExist(const std::string &name) const;
   /// Add an input. A named dimension may have any size at run time.
   /// \throws std::runtime_error if the name is taken, or a dimension's name cannot be a parameter's in C++.
   void AddInputTensorInfo(const std::string &name, ETensorType type, const std::vector<Dim> &shape);
   /// Add an input of fixed shape.
   void AddInputTensorInfo(const std::string &name, ETensorType type, const std::vector<size_t> &shape);
   /// Add an operator, at the end or at the place given.
   void AddOperator(std::unique_ptr<ROperator> op, int order_execution = -1);
   /// The same for a pointer; the model owns it from then on.
   void AddOperatorReference(ROperator *op, int order_execution = -1);
   /// Add a weight.
   void AddInitializedTensor(std::string name, ETensorType type, std::vector<size_t> shape, std::shared_ptr<void> data);
   /// Add a weight; the values are copied.
   template <typename T>
   void AddInitializedTensor(const std::string &name, const std::vector<size_t> &shape, const T *data)
   {
      AddCopy(name, GetTemplatedType<T>(), shape, data, false);
   }
   /// Add a constant, which stands in the generated code.
   void AddConstantTensor(std::string name, ETensorType type, std::vector<size_t> shape, std::shared_ptr<void> data);
   /// Add a constant; the values are copied.
   template <typename T>
   void AddConstantTensor(const std::string &name, const std::vector<size_t> &shape, const T *data)
   {
      AddCopy(name, GetTemplatedType<T>(), shape, data, true);
   }
   /// Add a constant; the values are copied. \throws std::runtime_error if their number does not fit the shape.
   template <typename T>
   void AddConstantTensor(const std::string &name, const std::vector<size_t> &shape, const std::vector<T> &data)
   {
      if (data.size() != ConvertShapeToLength(shape)) {
         throw std::runtime_error("TMVA-SOFIE: constant tensor " + name + " has " + std::to_string(data.size()) +
                                  " values for the shape " + ConvertShapeToString(shape));
      }
      AddConstantTensor(name, shape, data.data());
   }
   /// Add a tensor of integers whose values are dimensions. Operators take them for sizes, or read them as data.
   void AddShapeTensor(const std::string &name, const std::vector<Dim> &values, bool scalar = false);
   /// Add a tensor that is another one under a new name and, after AddIntermediateTensor, in a new shape.
   void AddAliasTensor(const std::string &name, const std::string &origin);
   /// Add a named dimension with its default for the Session's constructor.
   void AddShapeParam(const std::string &name, size_t def = 0);
   /// Add a dimension whose size an operator computes, by ROperator::GenerateSizes. Tensors that have it get memory of their own,
   /// which grows. \return its name, made from the one given.
   std::string AddDataDim(const std::string &name);
   /// \param atMost what it never exceeds, of other dimensions, where something is known. No default: cling would instantiate it.
   std::string AddDataDim(const std::string &name, const std::optional<Dim> &atMost);
   /// Whether a dimension is one of those.
   bool IsDataDim(const std::string &name) const;
   /// Whether any of the sizes depends on data.
   bool IsOfDataDims(const std::vector<Dim> &sizes) const;
   /// The definition of a tensor of dimensions as an array in the generated code.
   std::string ShapeTensorCode(const std::string &name) const;
   /// Whether a tensor's size depends on data.
   bool IsSizedByData(const std::string &name) const;
   /// The name, or a longer one that no tensor has.
   std::string FreeName(std::string name) const;
   /// Whether a tensor (images x channels x spatial dimensions) is there with its channels last (ROperator::ChooseLayout).
   bool HasChannelsLast(const std::string &name) const;
   /// The tensor with its channels last, for an operator to read; made from the other one where it is not there.
   std::string ChannelsLast(const std::string &name);
   /// The same for an operator to write, which then makes no other; who reads the tensor itself gets it made from this one.
   std::string MakeChannelsLast(const std::string &name);
   /// Let a tensor be another one with its channels last.
   void SetChannelsLast(const std::string &name, const std::string &last);
   /// Take over the tensors and operators of another model, which becomes a block of this one. What its operators read and it does not
   /// have is looked up here; the blocks of one model have no names in common.
   RBlock Absorb(std::unique_ptr<RModel> body);
   /// Add a tensor that an operator computes.
   void AddIntermediateTensor(std::string name, ETensorType type, std::vector<Dim> shape);
   /// Add a tensor of fixed shape that an operator computes.
   void AddIntermediateTensor(std::string name, ETensorType type, std::vector<size_t> shape);
   /// Add a tensor with named dimensions that an operator computes.
   void AddDynamicTensor(std::string name, ETensorType type, std::vector<Dim> shape);
   /// The next input in the order of infer's arguments.
   void AddInputTensorName(const std::string &name);
   /// The outputs, in the order of infer's results.
   void AddOutputTensorNameList(const std::vector<std::string> &names);
   /// Replace outputs of the names given.
   void UpdateOutputTensorList(std::vector<std::string> curr, std::vector<std::string> repl);
   /// Replace a weight.
   void UpdateInitializedTensor(std::string name, ETensorType type, std::vector<size_t> shape,
                                std::shared_ptr<void> data);
   /// The values of a weight or constant. \throws std::runtime_error if it is unknown.
   std::shared_ptr<void> GetInitializedTensorData(const std::string &name);
   /// The values of a weight or constant. \throws std::runtime_error if it is unknown or of another type.
   template <typename T>
   std::vector<T> GetTensorData(const std::string &name)
   {
      auto const data = static_cast<const T *>(GetInitializedTensorData(name).get());
      if (GetTensorType(name) != GetTemplatedType<T>(T())) {
         throw std::runtime_error("TMVA-SOFIE: tensor " + name + " is of type " +
                                  ConvertTypeToString(GetTensorType(name)));
      }
      return std::vector<T>(data, data + ConvertShapeToLength(GetTensorShape(name)));
   }
   /// Leave a weight out of the weight file.
   void SetNotWritableInitializedTensor(const std::string &name);
   /// The user's own name of a tensor, for the header's comments and modelDescription.
   void SetTensorOrigin(const std::string &name, const std::string &original);

   bool IsInitializedTensor(const std::string &name) const; ///< Whether it is a weight or a constant.
   bool IsConstantTensor(const std::string &name) const;    ///< Whether it is a constant.
   bool IsDynamicTensor(const std::string &name) const;     ///< Whether it is computed and has a named dimension.
   bool IsDimInputTensor(const std::string &name) const;    ///< Whether it is an input with a named dimension.
   bool IsReadyInputTensor(const std::string &name) const;  ///< Whether it is an input of fixed shape.
   bool IsShapeTensor(const std::string &name) const;       ///< Whether its values are dimensions.
   bool IsAliasTensor(const std::string &name) const;       ///< Whether it shares another tensor's memory.
   const std::string &GetAliasedTensor(const std::string &name) const; ///< Whose memory it shares, at first; or itself.

   /// Settle the model. A named first dimension called `bs`, `batch_size` or `input_size` becomes batchSize where that is > 0.
   void Initialize(int batchSize = -1, bool verbose = false);
   /// Settle the model, with sizes for named dimensions. The second call does nothing.
   /// \throws std::runtime_error with the operator that does not fit.
   void Initialize(const std::map<std::string, size_t> &inputParams, bool verbose = false);
   /// Write the code. \throws std::runtime_error for options that exclude each other or are not supported.
   void Generate(std::underlying_type_t<Options> options, int batchSize = -1, long pos = 0, bool verbose = false);
   /// Write the code.
   void Generate(Options options = Options::kDefault, int batchSize = -1, int pos = 0, bool verbose = false)
   {
      Generate(static_cast<std::underlying_type_t<Options>>(options), batchSize, pos, verbose);
   }
   /// The parameters of infer: with their names for a definition.
   std::string GenerateInferSignature(bool isdecl = true) const;
   /// Write the code to a file and the weights to one beside it.
   /// \param filename default `<name>.hxx`; with another suffix than .hxx the weight file's name is appended to it.
   /// \param append add the code to the file. \throws std::runtime_error if a file cannot be written.
   void OutputGenerated(std::string filename = "", bool append = false);
   /// Write the weights to a file of the type chosen at Generate. \return the file's length in bytes.
   long WriteInitializedTensorsToFile(std::string filename = "");

   /// Keep packed weights of floats (of products, convolutions, recurrent layers) as BFLOAT16, rounded to the nearest: half the memory,
   /// two to three decimal digits. \throws std::runtime_error for any type but FLOAT and BFLOAT16, and once the model is initialized.
   void SetWeightType(ETensorType type);
   /// What weights of a type are packed as: themselves, or pairs of BFLOAT16.
   ETensorType GetPackedType(ETensorType type) const
   {
      bool const isRounded = type == ETensorType::FLOAT && fWeightType == ETensorType::BFLOAT16;
      return isRounded ? ETensorType::UINT32 : type;
   }

   /// How far Initialize goes.
   void SetOptimizationLevel(const OptimizationLevel &level) { fOptimizationLevel = level; }
   size_t GetConstantTensorSize() const; ///< Bytes of constants.
   size_t GetWeightsTensorSize() const;  ///< Bytes of weights.
   size_t GetOtherTensorSize() const;    ///< Bytes of what is initialized and neither of them.
   size_t
   GetIntermediateTensorSize() const; ///< Bytes of the arena, after Initialize; 0 where it depends on named dimensions.
   size_t
   GetLiveTensorSize() const; ///< Bytes of intermediate tensors in use at one time at most: the arena has no fewer.
   /// The inputs, in order.
   const std::vector<std::string> &GetInputTensorNames() const { return fInputTensorNames; }
   /// The outputs, in order.
   const std::vector<std::string> &GetOutputTensorNames() const { return fOutputTensorNames; }
   /// The named dimensions, in the order in which infer takes them.
   const std::vector<std::string> &GetDimShapeNames() const { return fDimShapeNames; }
   /// Whether there is a Session.
   bool UseSession() const { return fUseSession; }

   void PrintRequiredInputTensors() const; ///< Print the inputs.
   void PrintInitializedTensors() const;   ///< Print the weights and constants.
   void PrintIntermediateTensors() const;  ///< Print the computed tensors of fixed shape.
   void PrintDynamicTensors() const;       ///< Print the computed tensors with named dimensions.
   void PrintOutputTensors() const;        ///< Print the outputs.
   void PrintSummary() const;              ///< Print the operators.
   /// Print the first values of a weight.
   void HeadInitializedTensors(std::string name, int n_print = 50) const;

private:
   void AddCopy(const std::string &name, ETensorType type, const std::vector<size_t> &shape, const void *data,
                bool isConstant);
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RMODEL
