/// \file RCodeWriter.hxx
/// \ingroup TMVA
/// \brief Text of C++ code with its indentation, and the spelling of untrusted text in it.

#ifndef TMVA_SOFIE_RCODEWRITER
#define TMVA_SOFIE_RCODEWRITER

#include <set>
#include <string>
#include <string_view>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

/// \class RCodeWriter
/// \ingroup TMVA
/// \brief Collects lines of code, indented by the blocks that are open.
class RCodeWriter {
private:
   std::string fText;
   int fDepth = 0;

public:
   /// Append lines, each indented; preprocessor lines and empty ones start at the margin.
   void Lines(std::string_view text);
   /// Append a line and open a block: `line` and `{` on a line of its own.
   void Open(std::string_view line);
   /// Close the block: `}` and what follows it.
   void Close(std::string_view after = "");
   /// Append text as it is.
   void Raw(std::string_view text) { fText += text; }
   /// All of it.
   const std::string &Text() const { return fText; }
};

/// Text as it may stand between double quotes in C++ code or in a comment: printable ASCII, everything else as a JSON escape,
/// so that no quote, newline or backslash at a line's end gets out.
std::string EscapeText(std::string_view text);

/// A C++ string literal of the text.
std::string StringLiteral(std::string_view text);

/// All identifiers in C++ code.
std::set<std::string> Identifiers(std::string_view code);

/// Whether a name can be a parameter's: an identifier, no keyword of C++, no name that the generated code itself uses.
bool IsUsableName(const std::string &name);

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RCODEWRITER
