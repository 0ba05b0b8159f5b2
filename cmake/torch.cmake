# Defines torch::torch from the headers and libraries of an installed torch wheel: the one in .venv,
# or any other through -DSTRATAGRAM_TORCH_DIR=<site-packages>/torch.
#
# Not find_package(Torch): for a wheel with CUDA it wants the CUDA toolkit with its compiler, which
# nothing here uses. The headers that we include ask for none of it, and the libraries of a wheel
# find each other and NVIDIA's through search paths of their own.
set(STRATAGRAM_TORCH_DIR "" CACHE PATH "Folder of an installed torch wheel (default: .venv)")
set(torch_dir ${STRATAGRAM_TORCH_DIR})
if(NOT torch_dir)
  file(GLOB torch_candidates ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
  if(NOT torch_candidates)
    message(FATAL_ERROR "no torch under ${CMAKE_SOURCE_DIR}/.venv: run scripts/bootstrap.sh, "
                        "or set STRATAGRAM_TORCH_DIR to the folder of an installed torch wheel")
  endif()
  list(GET torch_candidates 0 torch_dir)
endif()

set(torch_needs share/cmake/Torch/TorchConfigVersion.cmake include/ATen/core/Tensor.h
                lib/libtorch.so lib/libtorch_cpu.so lib/libc10.so)
foreach(file IN LISTS torch_needs)
  if(NOT EXISTS ${torch_dir}/${file})
    message(FATAL_ERROR "${torch_dir} holds no ${file}: STRATAGRAM_TORCH_DIR wants the folder "
                        "<site-packages>/torch of an installed torch wheel")
  endif()
endforeach()
include(${torch_dir}/share/cmake/Torch/TorchConfigVersion.cmake)
if(PACKAGE_VERSION VERSION_LESS 2.13)
  message(FATAL_ERROR "torch in ${torch_dir} is ${PACKAGE_VERSION}, wanted 2.13 or newer")
endif()
message(STATUS "torch ${PACKAGE_VERSION}: ${torch_dir}")

foreach(library torch torch_cpu c10)
  add_library(torch::lib${library} SHARED IMPORTED)
  set_target_properties(torch::lib${library} PROPERTIES
                        IMPORTED_LOCATION ${torch_dir}/lib/lib${library}.so)
endforeach()
add_library(torch::torch INTERFACE IMPORTED)
target_include_directories(torch::torch INTERFACE ${torch_dir}/include
                                                  ${torch_dir}/include/torch/csrc/api/include)
# libtorch.so has no code; it names the libraries of every device, which register their kernels when
# they are loaded. No symbol of it is used, so a linker that drops what is not used would drop CUDA.
set(CMAKE_LINK_LIBRARY_USING_even_if_unused_SUPPORTED TRUE)
set(CMAKE_LINK_LIBRARY_USING_even_if_unused
    "LINKER:--push-state,--no-as-needed" "<LINK_ITEM>" "LINKER:--pop-state")
target_link_libraries(torch::torch INTERFACE "$<LINK_LIBRARY:even_if_unused,torch::libtorch>"
                                             torch::libtorch_cpu torch::libc10)
