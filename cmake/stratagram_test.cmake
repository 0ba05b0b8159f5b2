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
