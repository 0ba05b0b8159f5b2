// speed/head.h -- what the language-model head costs beyond its inputs and gradients.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>

namespace stratagram::speed {

struct HeadShape {
  int64_t vocab_size = 152'000;
  int64_t width = 896;
  int64_t rows = 2048;
};

struct HeadCost {
  double seconds = 0;           ///< forward and backward, the faster of two
  int64_t extra_bytes = 0;      ///< peak over what inputs and their gradients take
  bool peak_is_its_own = true;  ///< false: the system's peak is that of the process so far
};

/// Log-probabilities, entropies and both gradients of token_scores(). Compares a few rows with
/// float64 by libtorch's operators first; throws Error(kInternal) beyond what rounding explains.
[[nodiscard]] HeadCost measure_head(const HeadShape& shape, at::ScalarType dtype);

}  // namespace stratagram::speed
