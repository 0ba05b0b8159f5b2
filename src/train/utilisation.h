// train/utilisation.h -- which share of what a machine's matrix products reach a model makes use
// of.
#pragma once

#include <cstdint>

namespace stratagram::train {

/// Tokens that went through a model in so many seconds, both above 0.
struct ModelWork {
  int64_t num_parameters = 0;  ///< a tied head once
  int64_t num_tokens = 0;
  double seconds = 0;
  double gemm_peak = 0;  ///< operations a second, of the model's dtype
};

/// Of passes forward: 2 operations a parameter and token. What is computed besides, as attention,
/// does not count.
[[nodiscard]] inline double forward_utilisation(const ModelWork& work) {
  return 2.0 * static_cast<double>(work.num_parameters) * static_cast<double>(work.num_tokens) /
         work.seconds / work.gemm_peak;
}

/// Of passes forward and backward, 6 operations a parameter and token. What is computed twice, as
/// logits that are not kept or with recompute_layers, counts once.
[[nodiscard]] inline double training_utilisation(const ModelWork& work) {
  return 3.0 * forward_utilisation(work);
}

}  // namespace stratagram::train
