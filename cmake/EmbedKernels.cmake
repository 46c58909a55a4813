# cmake -DOUTPUT=<KernelText.cxx> -DKERNELS=<folder> -P EmbedKernels.cmake
#
# Writes a source file with the text of every kernel header, so that RModel::Generate can copy it into the header that it writes
# and needs no file. The text is cut in pieces at line ends: some compilers limit the length of a string literal.

set(piece_length 15000)
set(delimiter "KERNEL")

file(GLOB headers "${KERNELS}/*.hxx")
set(entries "")
foreach(header IN LISTS headers)
  get_filename_component(name "${header}" NAME_WE)
  file(READ "${header}" text)
  if(text MATCHES "\\)${delimiter}\"")
    message(FATAL_ERROR "${header} contains the delimiter )${delimiter}\" of the raw strings that it is embedded in")
  endif()
  set(pieces "")
  string(LENGTH "${text}" length)
  while(length GREATER piece_length)
    string(SUBSTRING "${text}" 0 ${piece_length} piece)
    string(FIND "${piece}" "\n" end REVERSE)
    if(end LESS 0)
      message(FATAL_ERROR "${header} has a line of more than ${piece_length} characters")
    endif()
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${text}" 0 ${end} piece)
    string(APPEND pieces "R\"${delimiter}(${piece})${delimiter}\",\n")
    string(SUBSTRING "${text}" ${end} -1 text)
    string(LENGTH "${text}" length)
  endwhile()
  string(APPEND pieces "R\"${delimiter}(${text})${delimiter}\"")
  string(APPEND entries "      {\"${name}\", Join({${pieces}})},\n")
endforeach()

file(WRITE "${OUTPUT}.new" "// Written by cmake/EmbedKernels.cmake from the kernel headers: change those.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

std::string Join(std::initializer_list<std::string_view> pieces)
{
   std::string text;
   for (auto piece : pieces)
      text += piece;
   return text;
}

} // namespace

namespace TMVA::Experimental::SOFIE::Internal {

std::vector<std::pair<std::string_view, std::string_view>> const &KernelText()
{
   static std::vector<std::pair<std::string, std::string>> const texts{
${entries}   };
   static std::vector<std::pair<std::string_view, std::string_view>> const views(texts.begin(), texts.end());
   return views;
}

} // namespace TMVA::Experimental::SOFIE::Internal
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
