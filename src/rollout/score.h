// rollout/score.h -- log-probability and entropy of given responses, by the trainer's own pass.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/transformer.h"

namespace stratagram::rollout {

struct ScoreItem {
  std::vector<int32_t> prompt;    ///< at least one token
  std::vector<int32_t> response;  ///< at least one token
};

struct ScoreOptions {
  double temperature = 1.0;
  int64_t pack_tokens = 4096;  ///< tokens in one forward pass; a longer item is alone in its pass
  int64_t head_chunk = 256;    ///< rows whose logits are held at once
};

/// Of the response tokens only, natural log and nats, parallel to the item's response.
struct Scores {
  std::vector<float> logprobs;
  std::vector<float> entropies;
};

/// Without gradients. Throws Error(kInternal) for an empty prompt or response, Error(kInterrupted)
/// between passes.
[[nodiscard]] std::vector<Scores> score(const model::Transformer& model,
                                        std::span<const ScoreItem> items,
                                        const ScoreOptions& options);

}  // namespace stratagram::rollout
