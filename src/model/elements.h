// model/elements.h -- from a tensor to the C++ type of its elements, for the CPU kernels: float, or
// uint16_t for bfloat16.
#pragma once

#include <ATen/Version.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <type_traits>

#include "core/error.h"

namespace stratagram::model {

/// True for tensors the kernels take: float32 or bfloat16 on the CPU.
[[nodiscard]] inline bool has_kernels(const at::Tensor& x) {
  return x.device().is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

/// True where libtorch uses AVX2 with fused multiply-adds and no AVX-512, which the processor lacks
/// or ATEN_CPU_CAPABILITY=avx2 forbids.
[[nodiscard]] inline bool has_avx2_alone() {
  static const bool has = at::get_cpu_capability() == "AVX2";
  return has;
}

/// True where libtorch uses AVX-512, AMX besides or not.
[[nodiscard]] inline bool has_avx512() {
  static const bool has = at::get_cpu_capability() == "AVX512";
  return has;
}

template <typename T>
[[nodiscard]] const T* elements(const at::Tensor& x) {
  return static_cast<const T*>(x.const_data_ptr());
}
template <typename T>
[[nodiscard]] T* mutable_elements(const at::Tensor& x) {
  return static_cast<T*>(x.mutable_data_ptr());
}

/// Calls with std::type_identity of x's element type. Throws Error(kInternal) for a tensor that the
/// kernels do not take.
template <typename Call>
void with_element_type(const at::Tensor& x, const Call& call) {
  STRATAGRAM_CHECK(has_kernels(x) && x.is_contiguous(),
                   "CPU kernel: wanted contiguous float32 or bfloat16 on the CPU, got {} on {}, {}",
                   c10::toString(x.scalar_type()),
                   x.device().str(),
                   x.is_contiguous() ? "contiguous" : "with other strides");
  if (x.scalar_type() == at::kFloat) return call(std::type_identity<float>{});
  call(std::type_identity<uint16_t>{});
}

}  // namespace stratagram::model
