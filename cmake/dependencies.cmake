# Finds every library the project uses. Nothing is downloaded here: scripts/bootstrap.sh installs
# the Debian packages and the torch wheel; docs/dependencies.md says what each is for.
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt REQUIRED)
# torch's include folder carries its own fmt, of another version than the library that is linked. A
# folder that holds nothing but the right one goes before it.
find_path(FMT_INCLUDE_DIR fmt/core.h REQUIRED NO_CMAKE_PATH)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fmt_first)
if(NOT EXISTS ${CMAKE_BINARY_DIR}/fmt_first/fmt)
  file(CREATE_LINK ${FMT_INCLUDE_DIR}/fmt ${CMAKE_BINARY_DIR}/fmt_first/fmt SYMBOLIC)
endif()
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
# Its flags decide the layout of its classes, so the header alone does not do.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(HTTPLIB_INCLUDE_DIR httplib.h REQUIRED)
find_library(HTTPLIB_LIBRARY cpp-httplib REQUIRED)

include(torch)

# at::parallel_for is a header template that runs serially unless OpenMP is on where it is compiled.
include(flint)
find_package(OpenMP REQUIRED COMPONENTS CXX)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
