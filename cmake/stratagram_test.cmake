# stratagram_test(NAME <folder> SRCS ... LIBS ...) -- one GoogleTest binary per folder of tests/.
# SLOW names tests (a GoogleTest filter) that get the label `slow`; all others are `fast`.
include(GoogleTest)

function(stratagram_test)
  cmake_parse_arguments(arg "" "NAME;SLOW" "SRCS;LIBS" ${ARGN})
  set(target test_${arg_NAME})
  add_executable(${target} ${arg_SRCS})
  target_link_libraries(${target} PRIVATE stratagram_warnings ${arg_LIBS} GTest::gmock
                                          GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE
                             STRATAGRAM_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
                             STRATAGRAM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(arg_SLOW)
    gtest_discover_tests(${target} TEST_PREFIX "${arg_NAME}." TEST_FILTER "-${arg_SLOW}"
                         PROPERTIES LABELS fast DISCOVERY_TIMEOUT 120)
    gtest_discover_tests(${target} TEST_PREFIX "${arg_NAME}." TEST_FILTER "${arg_SLOW}"
                         TEST_LIST ${target}_slow
                         PROPERTIES LABELS slow TIMEOUT 1200 DISCOVERY_TIMEOUT 120)
  else()
    gtest_discover_tests(${target} TEST_PREFIX "${arg_NAME}."
                         PROPERTIES LABELS fast DISCOVERY_TIMEOUT 120)
  endif()
endfunction()
