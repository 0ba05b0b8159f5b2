# stratagram_module(NAME <folder> SRCS ... DEPS <earlier modules> [LIBS ...] [TORCH])
#
# One static library per folder of src/. A folder may include headers of its DEPS and of itself,
# nothing else: a dependency that is not yet defined stops the configure step, and the CTest
# layers.<folder> reads the #include lines. Without TORCH the torch headers are not visible.
add_library(stratagram_warnings INTERFACE)
target_compile_options(stratagram_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                       $<$<BOOL:${STRATAGRAM_WERROR}>:-Werror>)
if(STRATAGRAM_SANITIZE)
  add_compile_options(-fsanitize=${STRATAGRAM_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${STRATAGRAM_SANITIZE})
endif()

find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(stratagram_module)
  cmake_parse_arguments(arg "TORCH" "NAME" "SRCS;DEPS;LIBS" ${ARGN})
  set(target stratagram_${arg_NAME})
  add_library(${target} STATIC ${arg_SRCS})
  add_library(stratagram::${arg_NAME} ALIAS ${target})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_include_directories(${target} SYSTEM BEFORE PUBLIC ${CMAKE_BINARY_DIR}/fmt_first)
  target_link_libraries(${target} PRIVATE stratagram_warnings)
  foreach(dep IN LISTS arg_DEPS)
    if(NOT TARGET stratagram::${dep})
      message(FATAL_ERROR "stratagram_module(${arg_NAME}): '${dep}' is not defined before it")
    endif()
    target_link_libraries(${target} PUBLIC stratagram::${dep})
  endforeach()
  target_link_libraries(${target} PUBLIC ${arg_LIBS})
  if(arg_TORCH)
    target_link_libraries(${target} PUBLIC torch::torch OpenMP::OpenMP_CXX)
    set(torch_flag --torch)
  endif()
  add_test(NAME layers.${arg_NAME}
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/check_layers.py
                   ${CMAKE_SOURCE_DIR}/src ${arg_NAME} ${torch_flag} --deps ${arg_DEPS})
  set_tests_properties(layers.${arg_NAME} PROPERTIES LABELS fast)
endfunction()
