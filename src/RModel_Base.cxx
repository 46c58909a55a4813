#include "TMVA/RModel_Base.hxx"

#include "TMVA/SOFIE/RWeightFile.hxx"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

std::underlying_type_t<Options> operator|(Options a, Options b)
{
   return static_cast<std::underlying_type_t<Options>>(a) | static_cast<std::underlying_type_t<Options>>(b);
}

std::underlying_type_t<Options> operator|(std::underlying_type_t<Options> a, Options b)
{
   return a | static_cast<std::underlying_type_t<Options>>(b);
}

RModel_Base::RModel_Base() = default;

RModel_Base::RModel_Base(std::string name, std::string parsedtime)
   : fFileName(name), fParseTime(std::move(parsedtime)), fName(UTILITY::Clean_name(name.substr(0, name.rfind('.'))))
{
   if (fName.empty()) {
      fName = "UnnamedModel";
   }
}

RModel_Base::RModel_Base(std::string functionName) : fName(UTILITY::Clean_name(std::move(functionName))) {}

RModel_Base::~RModel_Base() = default;

void RModel_Base::AddBlasRoutines(std::vector<std::string> routines)
{
   fNeededBlasRoutines.insert(routines.begin(), routines.end());
}

void RModel_Base::AddNeededStdLib(std::string libname)
{
   static const std::array<const char *, 14> known = {"algorithm", "array",  "cmath",  "cstdint",   "cstring",
                                                      "fstream",   "limits", "memory", "numeric",   "span",
                                                      "string",    "tuple",  "vector", "functional"};
   if (std::find(known.begin(), known.end(), libname) != known.end()) {
      fNeededStdLib.insert(libname);
   }
}

void RModel_Base::AddNeededCustomHeader(std::string filename)
{
   if (std::find(fCustomOpHeaders.begin(), fCustomOpHeaders.end(), filename) == fCustomOpHeaders.end()) {
      fCustomOpHeaders.push_back(std::move(filename));
   }
}

void RModel_Base::GenerateHeaderInfo(std::string &hgname)
{
   // Not TMVA_SOFIE_<NAME>: for a name in capitals that macro would be the namespace's own name.
   hgname = "ROOT_TMVA_SOFIE_" + fName;
   std::ostringstream text;
   text << "#ifndef " << hgname << "\n#define " << hgname << "\n\n";
   for (auto const &header : fNeededStdLib)
      text << "#include <" << header << ">\n";
   for (auto const &header : fCustomOpHeaders)
      text << "#include \"" << header << "\"\n";
   fGC += text.str();
}

void RModel_Base::OutputGenerated(std::string filename, bool append)
{
   if (filename.empty()) {
      filename = fName + ".hxx";
      append = false;
   }
   std::string text;
   if (append) {
      std::ifstream file(filename, std::ios::binary);
      std::ostringstream present;
      present << file.rdbuf();
      text = present.str();
   }
   Internal::WriteFileAtomically(filename, text + fGC);
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
