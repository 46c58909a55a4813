# cmake -DROOTMAP=<libpysofie.rootmap> -DHEADERS=<folder of TMVA> -P RootmapHeaders.cmake
#
# Adds our headers to the rootmap: including any of them loads the library before the header is read. Without that, the library
# is loaded when one of its classes is first named, in the middle of a header, and then reads the same headers again: cling finds
# them half read and fails, unless TMVA/RModel.hxx happens to be the first.

file(READ "${ROOTMAP}" rootmap)
string(REGEX REPLACE "# List of headers\n.*" "" rootmap "${rootmap}")
file(GLOB headers RELATIVE "${HEADERS}" "${HEADERS}/TMVA/*.hxx" "${HEADERS}/TMVA/SOFIE/*.hxx")
string(APPEND rootmap "# List of headers\n")
foreach(header IN LISTS headers)
  string(APPEND rootmap "header ${header}\n")
endforeach()
file(WRITE "${ROOTMAP}" "${rootmap}")
