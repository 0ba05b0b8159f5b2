#include "train/score.h"

#include <c10/core/GradMode.h>

#include <utility>

#include "model/attention.h"
#include "model/head.h"

namespace stratagram::train {

std::vector<SequenceScores> score_sequences(const model::Transformer& model,
                                            std::span<const Sequence> sequences,
                                            const ScoreOptions& options) {
  const at::AutoGradMode off(false);
  std::vector<SequenceScores> scores(sequences.size());
  for (const std::vector<int64_t>& chosen :
       plan_micro_batches(sequences, options.micro_batch_tokens)) {
    std::vector<Sequence> members;
    members.reserve(chosen.size());
    for (const int64_t index : chosen) members.push_back(sequences[index]);
    const PackedTokens packed = pack(members, model.device());
    model::PackedAttention attention(packed.groups);
    const at::Tensor hidden_ND = model.forward(packed.tokens_N, packed.positions_N, attention);
    const model::TokenScores found = model::token_scores(hidden_ND.index_select(0, packed.rows_M),
                                                         model.head_weight_VD(),
                                                         packed.targets_M,
                                                         {.temperature = options.temperature});
    auto logprobs = unpack_values(found.logprobs_N, packed.response_lengths);
    auto entropies = unpack_values(found.entropies_N, packed.response_lengths);
    for (size_t i = 0; i < chosen.size(); ++i) {
      scores[chosen[i]] = {.logprobs = std::move(logprobs[i]),
                           .entropies = std::move(entropies[i])};
    }
  }
  return scores;
}

}  // namespace stratagram::train
