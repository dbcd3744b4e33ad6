# penstock_library(NAME FOLDER PCH light|asio [SMALL] LINKS ...): the static library of one folder, penstock_NAME.
# Every .cpp below the folder belongs to it, so that adding a file needs no edit here.
# SMALL: it runs now and then, and not for every step of a promotion, so a release compiles it for size. That halves its
# code, most of which is in memory as long as the daemon runs.
function(penstock_library name folder)
  cmake_parse_arguments(ARG "SMALL" "PCH" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/worker/|/(catalog|[a-z_]+_worker_main)\\.cpp$")
  if(NOT sources)
    add_library(penstock_${name} INTERFACE)
    target_link_libraries(penstock_${name} INTERFACE penstock_options ${ARG_LINKS})
    return()
  endif()
  add_library(penstock_${name} STATIC ${sources})
  target_link_libraries(penstock_${name} PUBLIC penstock_options ${ARG_LINKS})
  if(ARG_SMALL)
    penstock_small(penstock_${name} ${ARG_PCH})
  else()
    penstock_precompile(penstock_${name} ${ARG_PCH})
  endif()
endfunction()

# Two precompiled headers are built once and shared: `light` (the standard library and JSON) and `asio` (that and Asio).
# Each has a twin for what is compiled for size, because the compiler refuses a header of another optimisation.
function(penstock_precompile target kind)
  target_precompile_headers(${target} REUSE_FROM penstock_pch_${kind})
  string(REGEX REPLACE "_small$" "" headers ${kind})
  target_link_libraries(${target} PUBLIC penstock_pch_${headers}_flags)
  set_property(GLOBAL APPEND PROPERTY PENSTOCK_TARGETS ${target})
endfunction()

function(penstock_small target kind)
  if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    target_compile_options(${target} PRIVATE -Os)
    penstock_precompile(${target} ${kind}_small)
  else()
    penstock_precompile(${target} ${kind})
  endif()
endfunction()

add_library(penstock_pch_light_flags INTERFACE)
target_link_libraries(penstock_pch_light_flags INTERFACE penstock_options penstock::json)
add_library(penstock_pch_asio_flags INTERFACE)
target_link_libraries(penstock_pch_asio_flags INTERFACE penstock_options penstock::json penstock::asio)

set(penstock_light_headers <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <utility> <variant> <vector> <nlohmann/json.hpp> <boost/system/result.hpp>)
set(penstock_asio_headers ${penstock_light_headers} <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
  <boost/asio/use_awaitable.hpp> <boost/asio/steady_timer.hpp> <boost/asio/thread_pool.hpp> <boost/asio/io_context.hpp>)

foreach(kind light asio)
  foreach(twin ${kind} ${kind}_small)
    add_library(penstock_pch_${twin} OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(penstock_pch_${twin} PUBLIC penstock_pch_${kind}_flags)
    target_precompile_headers(penstock_pch_${twin} PRIVATE ${penstock_${kind}_headers})
  endforeach()
  target_compile_options(penstock_pch_${kind}_small PRIVATE -Os)
endforeach()

# Files that are compiled as one (cmake/units.py): what a file costs the compiler is what it includes. A release compiles each file by itself, as
# does whoever works on one file and sets this to OFF. The files of the global property PENSTOCK_APART come together only with one another.
option(PENSTOCK_UNITS "Compile several files as one" OFF)
function(penstock_divide_into_units)
  get_property(targets GLOBAL PROPERTY PENSTOCK_TARGETS)
  get_property(apart GLOBAL PROPERTY PENSTOCK_APART)
  set(lines "")
  foreach(target IN LISTS targets)
    get_target_property(sources ${target} SOURCES)
    get_target_property(folder ${target} SOURCE_DIR)
    list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/]")
    list(SORT sources)
    string(APPEND lines "${target};${sources}\n")
  endforeach()
  set(folder ${CMAKE_BINARY_DIR}/units)
  file(WRITE ${folder}/sources.txt "${lines}")
  execute_process(COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/cmake/units.py 32 ${folder} ${apart}
    INPUT_FILE ${folder}/sources.txt OUTPUT_FILE ${folder}/units.cmake COMMAND_ERROR_IS_FATAL ANY)
  include(${folder}/units.cmake)
endfunction()
if(PENSTOCK_UNITS)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It takes what is internal to an included file, in a coroutine's frame, for a header's.
    target_compile_options(penstock_pch_asio_flags INTERFACE -Wno-subobject-linkage)
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL penstock_divide_into_units)
endif()
