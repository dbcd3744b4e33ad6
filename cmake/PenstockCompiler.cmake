# Warnings, sanitizers, linker and compiler cache.
option(PENSTOCK_COVERAGE "Instrument for line coverage" OFF)
set(PENSTOCK_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined")

add_library(penstock_options INTERFACE)
target_compile_options(penstock_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
# Everything is linked into executables only; one setting for libraries and programs lets them share precompiled headers.
target_compile_options(penstock_options INTERFACE -fPIE)
target_link_options(penstock_options INTERFACE -pie)
target_include_directories(penstock_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(penstock_options INTERFACE PENSTOCK_VERSION="${PROJECT_VERSION}")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports members of moved-from optionals and variants inside coroutine frames as maybe uninitialised.
  # When it optimises, it also sees overruns in inlined std::string additions that are not there (GCC bugs 105329, 105651).
  target_compile_options(penstock_options INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-array-bounds
    -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-free-nonheap-object)
else()
  # Clang tells what GCC 12's own std::stable_sort is made of.
  target_compile_options(penstock_options INTERFACE -Wno-deprecated-declarations)
endif()

if(PENSTOCK_SANITIZE)
  target_compile_options(penstock_options INTERFACE -fsanitize=${PENSTOCK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(penstock_options INTERFACE -fsanitize=${PENSTOCK_SANITIZE})
  if(PENSTOCK_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(penstock_options INTERFACE -Wno-tsan)  # Asio's memory fences are not understood
  endif()
else()
  target_compile_options(penstock_options INTERFACE -fstack-protector-strong -fcf-protection)
  target_link_options(penstock_options INTERFACE -Wl,-z,relro,-z,now)
  if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    target_compile_options(penstock_options INTERFACE -D_FORTIFY_SOURCE=2)
  endif()
endif()
if(PENSTOCK_COVERAGE)
  target_compile_options(penstock_options INTERFACE --coverage)
  target_link_options(penstock_options INTERFACE --coverage)
endif()

find_program(PENSTOCK_MOLD mold)
if(PENSTOCK_MOLD)
  # What the compiler holds to be unlikely stays apart, as with GNU ld: it is seldom read into memory.
  target_link_options(penstock_options INTERFACE -fuse-ld=mold -Wl,-z,keep-text-section-prefix)
endif()
find_program(PENSTOCK_CCACHE ccache)
if(PENSTOCK_CCACHE)
  # A precompiled header is a hit only when ccache may ignore its time stamp and the macros it defines. A miss is to cost no
  # preprocessing beside the compiler's own (depend mode).
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${PENSTOCK_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(penstock_options INTERFACE -fpch-preprocess)
  else()
    target_compile_options(penstock_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
