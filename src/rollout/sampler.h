// rollout/sampler.h -- from rows of logits to one token a row, with its log-probability and the
// entropy of the whole distribution.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "rollout/config.h"

namespace stratagram::rollout {

struct Sampled {
  int32_t token = 0;
  float logprob = 0;  ///< of the whole distribution at the sampling temperature, also under top-p
  float entropy = 0;  ///< in nats, likewise
};

/// One draw per row.
///   logits_BV   float32 or bfloat16, any device, not divided by a temperature
///   uniforms_B  in [0, 1), one a row; not used at temperature 0
/// Throws Error(kNumeric) for a row whose logits are not finite.
[[nodiscard]] std::vector<Sampled> sample(const at::Tensor& logits_BV,
                                          std::span<const double> uniforms_B,
                                          const SamplingConfig& config);

/// The token at which the running sum of probabilities, in order of ids, first exceeds
/// `uniform` times the sum of those that top-k, then min-p, then top-p leave. Exposed for tests;
/// without such filters sample() draws from the logits themselves.
///   probs  V probabilities that sum to 1
[[nodiscard]] int32_t pick(std::span<const float> probs,
                           double uniform,
                           const SamplingConfig& config);

}  // namespace stratagram::rollout
