// speed/decode.h -- tokens a second of reading prompts and of decoding responses that are sampled
// from the whole softmax, with log-probability and entropy.
#pragma once

#include <cstdint>

#include "core/records.h"
#include "rollout/policy.h"

namespace stratagram::speed {

struct DecodeShape {
  int64_t sequences = 64;  ///< decoded at once, each with a prompt of its own
  int64_t prompt_tokens = 64;
  int64_t new_tokens = 128;  ///< of each; at least 2
};

struct DecodeSpeed {
  double prompt_tokens_per_s = 0;  ///< with the first new token of each
  double new_tokens_per_s = 0;     ///< of the others
  double seconds = 0;              ///< of all, prompts included
};

/// Samples four tokens, in passes as high as those of so many sequences, which choose their
/// products by it, and compares what the rollout says of them with float64; throws like
/// check_rollout().
void check_short_rollout(const rollout::Policy& policy,
                         const Prompt& prompt,
                         int64_t max_sequences);

/// After check_short_rollout(). No response ends early. Throws Error(kConfig) when the others took
/// no longer than the first tokens, so that there is nothing to divide by.
[[nodiscard]] DecodeSpeed measure_decode(const rollout::Policy& policy, const DecodeShape& shape);

}  // namespace stratagram::speed
