#include "TMVA/SOFIE/RCodeWriter.hxx"

#include <array>
#include <cctype>
#include <cstdio>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

bool IsIdentifierStart(char c)
{
   return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}

bool IsIdentifierPart(char c)
{
   return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// Keywords of C++17 and C++20, and the names that stand in generated code where a dimension's name may stand as well.
const std::set<std::string> &ReservedNames()
{
   static const std::set<std::string> names = {
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
      "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
      "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
      "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
      "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
      "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "return", "short",
      "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
      "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual",
      "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
      //
      "ArenaBytes", "Kernel", "Run", "Session", "W", "Weights", "arena", "doInfer", "filename", "first", "fixed",
      "infer", "int16_t", "int32_t", "int64_t", "int8_t", "linux", "output", "rows", "session", "size_t", "std",
      "uint16_t", "uint32_t", "uint64_t", "uint8_t", "unix", "weights", "width"};
   return names;
}

} // namespace

void RCodeWriter::Lines(std::string_view text)
{
   while (!text.empty()) {
      std::size_t const end = text.find('\n');
      std::string_view const line = text.substr(0, end);
      if (!line.empty()) {
         if (line[0] != '#')
            fText.append(static_cast<std::size_t>(3 * fDepth), ' ');
         fText += line;
      }
      fText += '\n';
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
   }
}

void RCodeWriter::Open(std::string_view line)
{
   Lines(line);
   Lines("{");
   ++fDepth;
}

void RCodeWriter::Close(std::string_view after)
{
   --fDepth;
   Lines("}" + std::string(after));
}

std::string EscapeText(std::string_view text)
{
   std::string escaped;
   for (char const c : text) {
      auto const code = static_cast<unsigned char>(c);
      // A '?' could begin a trigraph.
      if (c == '"' || c == '\\') {
         escaped += '\\';
         escaped += c;
      } else if (code < 0x20 || code > 0x7e || c == '?') {
         char hex[8];
         std::snprintf(hex, sizeof(hex), "\\u%04x", code);
         escaped += hex;
      } else {
         escaped += c;
      }
   }
   return escaped;
}

std::string StringLiteral(std::string_view text)
{
   // Compilers limit the length of one literal, not of adjacent ones.
   constexpr std::size_t kPiece = 4000;
   std::string literal = "\"";
   std::size_t length = 0;
   for (char const c : text) {
      if (c == '"' || c == '\\') {
         literal += '\\';
         literal += c;
      } else if (c == '\n') {
         literal += "\\n";
      } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e || c == '?') {
         char octal[8];
         std::snprintf(octal, sizeof(octal), "\\%03o", static_cast<unsigned char>(c));
         literal += octal;
      } else {
         literal += c;
      }
      if (++length % kPiece == 0) {
         literal += "\"\n   \"";
      }
   }
   return literal + "\"";
}

std::set<std::string> Identifiers(std::string_view code)
{
   std::set<std::string> names;
   for (std::size_t i = 0; i < code.size();) {
      std::size_t const begin = i++;
      if (!IsIdentifierPart(code[begin]))
         continue;
      while (i < code.size() && IsIdentifierPart(code[i]))
         ++i;
      if (IsIdentifierStart(code[begin]))
         names.emplace(code.substr(begin, i - begin));
   }
   return names;
}

bool IsUsableName(const std::string &name)
{
   if (name.empty() || !IsIdentifierStart(name[0]) || ReservedNames().count(name) > 0)
      return false;
   for (char const c : name) {
      if (!IsIdentifierPart(c))
         return false;
   }
   // Reserved by C++, and the prefixes of the generated code's own names.
   return name.find("__") == std::string::npos && name.rfind("tensor_", 0) != 0 && name.rfind("packed_", 0) != 0 &&
          name.rfind("offset_", 0) != 0 && name.rfind("output_", 0) != 0 &&
          !(name[0] == '_' && name.size() > 1 && std::isupper(static_cast<unsigned char>(name[1])));
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
