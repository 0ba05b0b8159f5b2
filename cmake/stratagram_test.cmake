# stratagram_test(NAME <folder> SRCS ... LIBS ...) -- one GoogleTest binary per folder of tests/.
# Tests run in the source folder and name their data relative to it: an absolute path in a compile
# definition would make every clone recompile what ccache already holds.
# One thread each: CTest runs several at once, and threads that wait for each other spin.
# SLOW names tests (a GoogleTest filter) that get the label `slow`; all others are `fast`.
include(GoogleTest)

function(stratagram_test)
  cmake_parse_arguments(arg "" "NAME;SLOW" "SRCS;LIBS" ${ARGN})
  set(target test_${arg_NAME})
  add_executable(${target} ${arg_SRCS})
  target_link_libraries(${target} PRIVATE stratagram_warnings ${arg_LIBS} GTest::gmock
                                          GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  # A third of the compile time goes into optimising assertions that run once.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_compile_definitions(${target} PRIVATE
                             STRATAGRAM_TEST_DATA="tests/data" STRATAGRAM_SOURCE_DIR=".")
  set(discovery TEST_PREFIX "${arg_NAME}." WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                DISCOVERY_TIMEOUT 120)
  if(arg_SLOW)
    gtest_discover_tests(${target} ${discovery} TEST_FILTER "${arg_SLOW}" TEST_LIST ${target}_slow
                         PROPERTIES LABELS slow TIMEOUT 600 ENVIRONMENT OMP_NUM_THREADS=1)
    set(fast_filter TEST_FILTER "-${arg_SLOW}")
  endif()
  gtest_discover_tests(${target} ${discovery} ${fast_filter}
                       PROPERTIES LABELS fast TIMEOUT 300 ENVIRONMENT OMP_NUM_THREADS=1)
endfunction()

# stratagram_test_again(NAME <folder> AS <name> ENVIRONMENT VAR=value ... [FILTER F] [THREADS N]) -- the
# tests of a binary once more in another environment, as one test, with nothing beside it where it has
# several threads. F is a GoogleTest filter.
function(stratagram_test_again)
  cmake_parse_arguments(arg "" "NAME;AS;FILTER;THREADS" "ENVIRONMENT" ${ARGN})
  if(NOT arg_THREADS)
    set(arg_THREADS 1)
  endif()
  if(NOT arg_FILTER)
    set(arg_FILTER "*")
  endif()
  set(name ${arg_NAME}.${arg_AS})
  add_test(NAME ${name} COMMAND test_${arg_NAME} --gtest_brief=1 --gtest_filter=${arg_FILTER}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  # Waits as short as the program's own (cli/thread_waits.cpp).
  set(environment OMP_NUM_THREADS=${arg_THREADS} GOMP_SPINCOUNT=10000 ${arg_ENVIRONMENT})
  set_tests_properties(${name} PROPERTIES LABELS fast TIMEOUT 300 PROCESSORS ${arg_THREADS}
                                          ENVIRONMENT "${environment}"
                                          FAIL_REGULAR_EXPRESSION " 0 tests from")  # a filter that matches none
endfunction()

# Libraries behind libtorch held to AVX2, as on processors without AVX-512: bfloat16 takes other ways
# there, and products round otherwise.
set(STRATAGRAM_HELD_TO_AVX2 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2
                            MKL_ENABLE_INSTRUCTIONS=AVX2)
