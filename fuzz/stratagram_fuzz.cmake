# stratagram_fuzz(NAME <target> SRCS ... [LIBS ...] [ITERATIONS n]) -- one fuzz target, fuzz_<target>.
#
# SRCS holds the target's main and every source of the code under test (paths from the root of the
# checkout, or beside this file): they are compiled anew with the address and undefined-behaviour
# sanitizers, whatever the preset, so that the everyday build fuzzes too. `core` and the driver are
# there already. LIBS are outside libraries and libraries made by stratagram_fuzz_library. The CTest
# fuzz.<target> runs ITERATIONS mutated inputs (default 2000), meant to take a few seconds.
set(STRATAGRAM_FUZZ_FLAGS -fno-omit-frame-pointer -O1 -g1)
set(STRATAGRAM_FUZZ_LINK "")
if(NOT STRATAGRAM_SANITIZE)  # a preset with its own sanitizers keeps them: thread excludes address
  list(APPEND STRATAGRAM_FUZZ_FLAGS -fsanitize=address,undefined)
  set(STRATAGRAM_FUZZ_LINK -fsanitize=address,undefined)
endif()
list(APPEND STRATAGRAM_FUZZ_FLAGS -fno-sanitize-recover=all)

function(stratagram_fuzz_sanitize target)
  target_compile_options(${target} PRIVATE ${STRATAGRAM_FUZZ_FLAGS})
  target_link_options(${target} PUBLIC ${STRATAGRAM_FUZZ_LINK})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE stratagram_warnings)
endfunction()

# stratagram_fuzz_library(NAME <library> SRCS ... [LIBS ...]) -- sources that several targets share.
function(stratagram_fuzz_library)
  cmake_parse_arguments(arg "" "NAME" "SRCS;LIBS" ${ARGN})
  list(TRANSFORM arg_SRCS PREPEND ${CMAKE_SOURCE_DIR}/)
  add_library(${arg_NAME} STATIC ${arg_SRCS})
  stratagram_fuzz_sanitize(${arg_NAME})
  target_link_libraries(${arg_NAME} PUBLIC fuzz_core ${arg_LIBS})
endfunction()

# The parts of core that a parser needs; without download, which no parser of bytes uses.
set(core ${CMAKE_SOURCE_DIR}/src/core)
add_library(
  fuzz_core STATIC
  ${CMAKE_SOURCE_DIR}/fuzz/driver.cpp
  ${CMAKE_SOURCE_DIR}/fuzz/input_file.cpp
  ${core}/config.cpp
  ${core}/digest.cpp
  ${core}/error.cpp
  ${core}/file.cpp
  ${core}/jsonl.cpp
  ${core}/records.cpp
  ${core}/stream.cpp
  ${core}/utf8.cpp)
# For toml++, as src/core/CMakeLists.txt says.
set_source_files_properties(${core}/config.cpp PROPERTIES COMPILE_DEFINITIONS NDEBUG
                                                          COMPILE_OPTIONS -fno-sanitize=unreachable)
stratagram_fuzz_sanitize(fuzz_core)
target_include_directories(fuzz_core SYSTEM PRIVATE ${TOMLPLUSPLUS_INCLUDE_DIR})
# torch's headers carry another fmt, as in stratagram_module.
target_include_directories(fuzz_core SYSTEM BEFORE PUBLIC ${CMAKE_BINARY_DIR}/fmt_first)
target_link_libraries(fuzz_core PUBLIC fmt::fmt nlohmann_json::nlohmann_json OpenSSL::Crypto
                                       Threads::Threads)

function(stratagram_fuzz)
  cmake_parse_arguments(arg "" "NAME;ITERATIONS" "SRCS;LIBS" ${ARGN})
  if(NOT arg_ITERATIONS)
    set(arg_ITERATIONS 2000)
  endif()
  set(target fuzz_${arg_NAME})
  set(sources "")
  foreach(source IN LISTS arg_SRCS)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
      list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    else()
      list(APPEND sources ${CMAKE_SOURCE_DIR}/${source})
    endif()
  endforeach()
  add_executable(${target} ${sources})
  stratagram_fuzz_sanitize(${target})
  target_link_libraries(${target} PRIVATE fuzz_core ${arg_LIBS})
  target_compile_definitions(${target} PRIVATE STRATAGRAM_TEST_DATA="tests/data")
  add_test(NAME fuzz.${arg_NAME} COMMAND ${target} --iterations ${arg_ITERATIONS}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(fuzz.${arg_NAME} PROPERTIES LABELS slow TIMEOUT 300)
endfunction()
