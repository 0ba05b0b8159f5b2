// speed/machine.h -- what the machine can do: the figures that all others are held against.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <string>

namespace stratagram::speed {

struct Machine {
  std::string processor;  ///< as the system names it, else "unknown"
  int64_t threads = 1;    ///< that libtorch uses
  std::string vectors;    ///< instruction set that libtorch chose
  bool fast_bfloat16 = false;
  bool amx = false;
};

/// Measures nothing.
[[nodiscard]] Machine describe_machine();

/// The shape of the product that stands for the machine's peak: [rows, width] by [width, width].
struct ProductShape {
  int64_t rows = 2048;
  int64_t width = 1536;
};

/// Operations (multiplications and additions) a second.
struct GemmSpeed {
  double best = 0;  ///< of the fastest product
  double mean = 0;  ///< of all of them
};

/// Of a product through libtorch, as many as fit into `seconds` after one for warming up. Compared
/// with float64 first. Throws Error(kInternal) when the product is wrong.
[[nodiscard]] GemmSpeed gemm_speed(at::ScalarType dtype,
                                   at::Device device,
                                   const ProductShape& shape,
                                   double seconds);

/// The best of 0.3 s. Throws like gemm_speed().
[[nodiscard]] double gemm_peak(at::ScalarType dtype,
                               at::Device device = at::Device(at::kCPU),
                               const ProductShape& shape = {});

/// Bytes read and written a second by copies of `num_bytes`, best of several.
/// Throws Error(kInternal) when the copy differs.
[[nodiscard]] double copy_bandwidth(int64_t num_bytes = int64_t{256} << 20);

/// The dtype with the higher peak: float32 when both are equal.
struct Peaks {
  double float32 = 0;
  double bfloat16 = 0;
  [[nodiscard]] double of(at::ScalarType dtype) const {
    return dtype == at::kBFloat16 ? bfloat16 : float32;
  }
  [[nodiscard]] at::ScalarType faster() const {
    return bfloat16 > float32 ? at::kBFloat16 : at::kFloat;
  }
};

/// Both, on the CPU.
[[nodiscard]] Peaks gemm_peaks();

}  // namespace stratagram::speed
