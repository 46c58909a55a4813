# pysofie_find_root(<the folder of a ROOTConfig.cmake to take, or "">)
#
# find_package(ROOT) for the ROOT that Python imports, with ROOT_FOUND, ROOT_VERSION and the ROOT:: targets as a result.
# Looked at in this order: ROOT_DIR where the user sets it, the folder given, the interpreter that pysofie is installed for,
# ROOTSYS (thisroot.sh), that interpreter as it is outside of pip's isolated build, and CMake's own search. Where the build has a
# virtual environment of its own (uv, python -m build), or was started without any, the interpreters on PATH are asked as well.
#
# The file is installed beside pysofieConfig.cmake, which needs the same.

set(_pysofie_locate_script "${CMAKE_CURRENT_LIST_DIR}/locate_root.py")

# Ask some interpreters in turn; the rest are options for them, such as -E: without PYTHONPATH, by which pip isolates a build.
function(_pysofie_ask_interpreters result interpreters)
  set(${result} "" PARENT_SCOPE)
  foreach(python IN LISTS interpreters)
    if(EXISTS "${python}")
      execute_process(COMMAND "${python}" ${ARGN} -B "${_pysofie_locate_script}" OUTPUT_VARIABLE found ERROR_QUIET)
      if(found)
        set(${result} "${found}" PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
endfunction()

function(_pysofie_locate_root result)
  set(mine "${Python_EXECUTABLE}")
  _pysofie_ask_interpreters(found "${mine}")
  if(NOT found AND EXISTS "$ENV{ROOTSYS}/cmake/ROOTConfig.cmake")
    set(found "$ENV{ROOTSYS}/cmake")
  endif()
  if(NOT found)
    _pysofie_ask_interpreters(found "${mine}" -E)
  endif()
  if(NOT found)
    # The builder is in the interpreter's own environment: this is the build's, or one that somebody made for builds.
    set(elsewhere 0)
    if(mine)
      execute_process(COMMAND "${mine}" -E -c "import scikit_build_core" RESULT_VARIABLE elsewhere ERROR_QUIET)
    endif()
    if(elsewhere EQUAL 0)
      set(interpreters "$ENV{VIRTUAL_ENV}/bin/python" "$ENV{CONDA_PREFIX}/bin/python")
      string(REPLACE ":" ";" path "$ENV{PATH}")
      foreach(folder IN LISTS path)
        list(APPEND interpreters "${folder}/python3" "${folder}/python")
      endforeach()
      _pysofie_ask_interpreters(found "${interpreters}" -E)
    endif()
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# The CMake package in ROOT's PyPI wheel takes its targets to be in <prefix>/mock_site_packages, two folders above ROOT. Seen
# through two links in the build tree, both to the real site-packages, it is right, and the user's environment stays as it is.
function(_pysofie_correct_wheel root_dir result)
  set(${result} "${root_dir}" PARENT_SCOPE)
  if(NOT EXISTS "${root_dir}/ROOTConfig-targets.cmake" OR root_dir MATCHES "/root-wheel/site-packages/ROOT/cmake$")
    return()
  endif()
  file(STRINGS "${root_dir}/ROOTConfig-targets.cmake" misplaced REGEX "/mock_site_packages/" LIMIT_COUNT 1)
  if(NOT misplaced)
    return()
  endif()
  get_filename_component(site_packages "${root_dir}/../.." REALPATH)
  set(links "${CMAKE_BINARY_DIR}/root-wheel")
  file(MAKE_DIRECTORY "${links}")
  foreach(link IN ITEMS site-packages mock_site_packages)
    file(CREATE_LINK "${site_packages}" "${links}/${link}" SYMBOLIC)
  endforeach()
  set(${result} "${links}/site-packages/ROOT/cmake" PARENT_SCOPE)
endfunction()

# A macro: what ROOTConfig.cmake sets belongs to the caller. A ROOT_DIR that the user gave is kept for the next configuration;
# one that points to the links is looked up again, so that a build tree follows its environment.
macro(pysofie_find_root hint)
  if(EXISTS "${ROOT_DIR}/ROOTConfig.cmake" AND NOT ROOT_DIR MATCHES "/root-wheel/site-packages/ROOT/cmake$")
    set(_pysofie_given_root "${ROOT_DIR}" CACHE INTERNAL "The folder of ROOTConfig.cmake as the user gave it")
  endif()
  set(_pysofie_root_dir "${_pysofie_given_root}")
  if(NOT _pysofie_root_dir AND EXISTS "${hint}/ROOTConfig.cmake")
    set(_pysofie_root_dir "${hint}")
  elseif(NOT _pysofie_root_dir)
    _pysofie_locate_root(_pysofie_root_dir)
  endif()
  if(_pysofie_root_dir)
    _pysofie_correct_wheel("${_pysofie_root_dir}" _pysofie_root_dir)
    set(ROOT_DIR "${_pysofie_root_dir}" CACHE PATH "The folder of ROOTConfig.cmake" FORCE)
  endif()
  find_package(ROOT CONFIG QUIET)
  if(TARGET ROOT::Core)
    # The headers' real place: a compiler shall not see them by two paths.
    set_target_properties(ROOT::Core PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ROOT_INCLUDE_DIRS}")
  endif()
endmacro()
