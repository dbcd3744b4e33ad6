# DuckDB's C library and header, as the imported target DuckDB::DuckDB.
#
# DUCKDB_ROOT (CMake variable or environment) names a folder that holds either what `npm ci` makes of
# cmake/duckdb/package-lock.json, or the library and header side by side as DuckDB's release archive has them.
# The default is build/duckdb in the source tree, which every build folder shares.
if(NOT DUCKDB_ROOT)
  if(DEFINED ENV{DUCKDB_ROOT})
    set(DUCKDB_ROOT $ENV{DUCKDB_ROOT})
  else()
    set(DUCKDB_ROOT ${CMAKE_SOURCE_DIR}/build/duckdb)
  endif()
endif()

find_library(DuckDB_LIBRARY NAMES duckdb NO_DEFAULT_PATH
  PATHS ${DUCKDB_ROOT} ${DUCKDB_ROOT}/lib ${DUCKDB_ROOT}/node_modules/@duckdb/node-bindings-linux-x64
        ${DUCKDB_ROOT}/node_modules/@duckdb/node-bindings-linux-arm64)
find_path(DuckDB_INCLUDE_DIR NAMES duckdb.h NO_DEFAULT_PATH
  PATHS ${DUCKDB_ROOT} ${DUCKDB_ROOT}/include ${DUCKDB_ROOT}/node_modules/duckdb/src/duckdb/src/include)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "looked below ${DUCKDB_ROOT}. Run ./setup.sh build, or set DUCKDB_ROOT")
mark_as_advanced(DuckDB_LIBRARY DuckDB_INCLUDE_DIR)

if(DuckDB_FOUND AND NOT TARGET DuckDB::DuckDB)
  add_library(DuckDB::DuckDB SHARED IMPORTED)
  # CMake puts the folder of an imported library into the build RPATH of whatever links it; for an installed program see
  # plugins/gates/data_contract/CMakeLists.txt.
  set_target_properties(DuckDB::DuckDB PROPERTIES
    IMPORTED_LOCATION ${DuckDB_LIBRARY}
    IMPORTED_SONAME libduckdb.so
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${DuckDB_INCLUDE_DIR}
    INTERFACE_INCLUDE_DIRECTORIES ${DuckDB_INCLUDE_DIR})
endif()
