# Every third-party library, by the name Debian 12 gives it. setup.sh installs them.
include(CTest)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS headers)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date 3 REQUIRED)  # of libhowardhinnant-date-dev: the time zones
pkg_check_modules(libgit2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
# Its -pthread defines a macro that the precompiled headers were built without; linking threads is all that is needed.
set_target_properties(PkgConfig::re2 PROPERTIES INTERFACE_COMPILE_OPTIONS "" INTERFACE_LINK_OPTIONS "")
target_link_libraries(PkgConfig::re2 INTERFACE Threads::Threads)

add_library(penstock_json INTERFACE)
target_link_libraries(penstock_json INTERFACE nlohmann_json::nlohmann_json Boost::headers)
add_library(penstock::json ALIAS penstock_json)

add_library(penstock_yaml INTERFACE)
target_link_libraries(penstock_yaml INTERFACE yaml-cpp)
add_library(penstock::yaml ALIAS penstock_yaml)

add_library(penstock_log INTERFACE)
target_link_libraries(penstock_log INTERFACE spdlog::spdlog fmt::fmt)
add_library(penstock::log ALIAS penstock_log)

# Asio and Beast are compiled once, in daemon/runtime/asio.cpp and daemon/intake/beast.cpp.
add_library(penstock_asio INTERFACE)
target_compile_definitions(penstock_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY)
target_link_libraries(penstock_asio INTERFACE Boost::headers Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
add_library(penstock::asio ALIAS penstock_asio)
