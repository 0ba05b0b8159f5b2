#include "train/gradients.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <vector>

#include "model/attention.h"
#include "model/head.h"

namespace stratagram::train {
namespace {

// The members of one micro-batch: places in Update::responses.
using Members = std::vector<int64_t>;

LossBatch loss_batch(std::span<const Response> responses,
                     const Update& update,
                     const Members& members,
                     const model::TokenScores& scores,
                     bool own_pass) {
  std::vector<std::span<const float>> advantages, reference;
  std::vector<at::Tensor> old;
  int64_t begin = 0;
  std::vector<double> weights;
  const at::TensorOptions options = scores.logprobs_N.options();
  for (const int64_t member : members) {
    const Response& response = responses[update.responses[member]];
    const auto length = static_cast<int64_t>(response.advantages.size());
    old.push_back(own_pass || response.old_logprobs.empty()
                      ? scores.logprobs_N.detach().narrow(0, begin, length)
                      : pack_values({response.old_logprobs}, options));
    begin += length;
    advantages.push_back(response.advantages);
    reference.emplace_back(response.ref_logprobs);
    weights.insert(weights.end(), response.advantages.size(), update.weights[member]);
  }
  return {.logprobs_N = scores.logprobs_N,
          .entropies_N = scores.entropies_N,
          .old_logprobs_N = at::cat(old),
          .advantages_N = pack_values(advantages, options),
          .weights_N = at::tensor(weights, at::TensorOptions().dtype(at::kDouble)).to(options),
          .ref_logprobs_N = pack_values(reference, options)};
}

GapStats gap_of(std::span<const Response> responses,
                const Update& update,
                const Members& members,
                const std::vector<std::vector<float>>& logprobs) {
  GapStats gap;
  for (size_t i = 0; i < members.size(); ++i) {
    const Response& response = responses[update.responses[members[i]]];
    gap.add(measure_gap(response.rollout_logprobs, logprobs[i]));
  }
  return gap;
}

}  // namespace

GradientStats accumulate_gradients(const model::Transformer& model,
                                   std::span<const Response> responses,
                                   const Update& update,
                                   const GradientOptions& options) {
  std::vector<Sequence> all;
  all.reserve(update.responses.size());
  for (const int64_t index : update.responses) all.push_back(responses[index].sequence);
  GradientStats stats;
  for (const Members& members : plan_micro_batches(all, options.micro_batch_tokens)) {
    std::vector<Sequence> sequences;
    sequences.reserve(members.size());
    for (const int64_t member : members) sequences.push_back(all[member]);
    const PackedTokens packed = pack(sequences, model.device());
    model::PackedAttention attention(packed.groups);
    const at::Tensor hidden_ND = model.forward(
        packed.tokens_N, packed.positions_N, attention, {.recompute = options.recompute_layers});
    const model::TokenScores scores = model::token_scores(
        hidden_ND.index_select(0, packed.rows_M),
        model.head_weight_VD(),
        packed.targets_M,
        {.temperature = options.temperature, .kept_mb = options.kept_logits_mb});
    const GapStats gap = gap_of(
        responses, update, members, unpack_values(scores.logprobs_N, packed.response_lengths));
    stats.gap.add(gap);
    if (options.measures_gate && stats.num_micro_batches == 0) {
      stats.recomputed = wants_recomputed(gap, options.loss);
    }
    const LossResult result =
        policy_loss(loss_batch(responses, update, members, scores, stats.recomputed), options.loss);
    stats.loss.add(result.stats);
    ++stats.num_micro_batches;
    stats.num_input_tokens += packed.tokens_N.size(0);
    stats.finite = std::isfinite(result.stats.loss);
    if (!stats.finite) return stats;
    result.loss.backward();
  }
  return stats;
}

}  // namespace stratagram::train
