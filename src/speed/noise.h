// speed/noise.h -- made-up numbers for what is timed: the same for the same seed, and drawn from no
// global state.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace stratagram::speed {

/// Normal draws, float32 on the CPU, then turned into `dtype`.
[[nodiscard]] at::Tensor noise(const std::vector<int64_t>& shape,
                               double standard_deviation,
                               uint64_t seed,
                               at::ScalarType dtype);

}  // namespace stratagram::speed
