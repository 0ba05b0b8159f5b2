// train/score.h -- log-probabilities and entropies of given responses, without gradients: for old
// and reference log-probabilities, for the gap, and for responses that others wrote.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/transformer.h"
#include "train/packing.h"

namespace stratagram::train {

struct ScoreOptions {
  double temperature = 1.0;
  int64_t micro_batch_tokens = 8192;
};

/// One item a response token.
struct SequenceScores {
  std::vector<float> logprobs;   ///< of softmax(logits / temperature)
  std::vector<float> entropies;  ///< nats
};

/// In the order given, whatever the packing.
[[nodiscard]] std::vector<SequenceScores> score_sequences(const model::Transformer& model,
                                                          std::span<const Sequence> sequences,
                                                          const ScoreOptions& options);

}  // namespace stratagram::train
