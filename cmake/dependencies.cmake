# Finds every library the project uses. Nothing is downloaded here: scripts/bootstrap.sh installs
# the Debian packages and the torch wheel; docs/dependencies.md says what each is for.
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt REQUIRED)
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

# torch: the wheel in .venv by default, any other through -DSTRATAGRAM_TORCH_DIR=<site-packages>/torch
set(STRATAGRAM_TORCH_DIR "" CACHE PATH "Folder of an installed torch wheel (default: .venv)")
if(NOT STRATAGRAM_TORCH_DIR)
  file(GLOB torch_candidates ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
  if(NOT torch_candidates)
    message(FATAL_ERROR "no torch under ${CMAKE_SOURCE_DIR}/.venv: run scripts/bootstrap.sh, "
                        "or set STRATAGRAM_TORCH_DIR to the folder of an installed torch wheel")
  endif()
  list(GET torch_candidates 0 STRATAGRAM_TORCH_DIR)
endif()
# The torch wheel's own config warns of optional back ends that no target here uses.
set(CMAKE_MESSAGE_LOG_LEVEL_SAVED ${CMAKE_MESSAGE_LOG_LEVEL})
find_package(Torch 2.13 REQUIRED PATHS ${STRATAGRAM_TORCH_DIR} NO_DEFAULT_PATH)
