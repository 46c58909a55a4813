/// \file RModel_Base.hxx
/// \ingroup TMVA
/// \brief What every generator of code shares: its name, the text, and the file that it goes to.

#ifndef TMVA_SOFIE_RMODEL_BASE
#define TMVA_SOFIE_RMODEL_BASE

#include "TMVA/SOFIE_common.hxx"

#include <iostream>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// What Generate writes. Values combine with `|`.
enum class Options {
   kDefault = 0x0,              ///< A Session and a text weight file `.dat`.
   kNoSession = 0x1,            ///< A free function infer; needs kNoWeightFile.
   kNoWeightFile = 0x2,         ///< The weights stand in the header.
   kRootBinaryWeightFile = 0x4, ///< Refused: weights in a ROOT file.
   kGNN = 0x8,                  ///< Refused: graph networks of ROOT 6.40 and before.
   kGNNComponent = 0x10,        ///< Refused: graph networks of ROOT 6.40 and before.
   kBinaryWeightFile = 0x1000   ///< A checksummed binary weight file `.sofie`, read at the speed of the disk.
};

/// How far Initialize goes.
enum class OptimizationLevel {
   kBasic = 0x0,   ///< Operators are fused.
   kExtended = 0x1 ///< And memory is used again.
};

/// Where the weights go.
enum class WeightFileType { None, RootBinary, Text, Binary };

/// Combine options.
std::underlying_type_t<Options> operator|(Options a, Options b);
/// Combine options.
std::underlying_type_t<Options> operator|(std::underlying_type_t<Options> a, Options b);

/// \class RModel_Base
/// \ingroup TMVA
/// \brief The name, the needs and the text of generated code.
class RModel_Base {
protected:
   std::string fFileName; ///< The file that the model was read from.
   std::string
      fParseTime; ///< When it was parsed. Kept for the caller: the header has no time in it, so that its bytes repeat.
   WeightFileType fWeightFile = WeightFileType::Text; ///< Where weights go.
   std::set<std::string> fNeededBlasRoutines;         ///< BLAS routines that operators of users call.
   std::set<std::string> fNeededStdLib = {"vector"};  ///< Standard headers that the code includes.
   std::vector<std::string> fCustomOpHeaders;         ///< Headers of users' operators that the code includes.
   std::string fName = "UnnamedModel";                ///< The name in `namespace TMVA_SOFIE_<name>`.
   std::string fGC;                                   ///< The generated code.
   bool fUseWeightFile = true;                        ///< Whether there is a weight file.
   bool fUseSession = true;                           ///< Whether there is a Session.

public:
   RModel_Base();
   /// \param name the model's file name; the model is called after it, cleaned, up to the last '.'.
   /// \param parsedtime when it was parsed.
   RModel_Base(std::string name, std::string parsedtime);
   /// \param functionName the name of the generated function.
   RModel_Base(std::string functionName);
   virtual ~RModel_Base();

   /// Declare BLAS routines ("Gemm", "Gemv", "Axpy", "Copy") for operators of users; ours need none.
   void AddBlasRoutines(std::vector<std::string> routines);
   /// Include a header of the standard library; names of no such header are ignored.
   void AddNeededStdLib(std::string libname);
   /// Include a header of the user's.
   void AddNeededCustomHeader(std::string filename);
   /// Append the include guard and the includes of a header of this name to hgname.
   void GenerateHeaderInfo(std::string &hgname);

   /// Print the generated code.
   void PrintGenerated(std::ostream &os = std::cout) const { os << fGC; }
   /// The generated code.
   std::string ReturnGenerated() const { return fGC; }
   /// Write the generated code to a file, whole or not at all.
   /// \param filename default `<name>.hxx`. \param append add to the file.
   /// \throws std::runtime_error if the file cannot be written.
   void OutputGenerated(std::string filename = "", bool append = false);

   /// The file that the model was read from.
   void SetFilename(std::string filename) { fFileName = filename; }
   /// The file that the model was read from.
   std::string GetFilename() const { return fFileName; }
   /// The model's name.
   const std::string &GetName() const { return fName; }
};

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RMODEL_BASE
