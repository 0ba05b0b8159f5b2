#include "train/old_logprobs.h"

#include <numeric>
#include <utility>
#include <vector>

namespace stratagram::train {
namespace {

std::vector<SequenceScores> score_responses(std::span<const Response> responses,
                                            const std::vector<int64_t>& chosen,
                                            const model::Transformer& model,
                                            const ScoreOptions& options) {
  std::vector<Sequence> sequences;
  sequences.reserve(chosen.size());
  for (const int64_t index : chosen) sequences.push_back(responses[index].sequence);
  return score_sequences(model, sequences, options);
}

std::vector<int64_t> all_of(std::span<const Response> responses) {
  std::vector<int64_t> indices(responses.size());
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

// The others get no pass of their own in the update, so nothing reads their log-probabilities.
std::vector<int64_t> those_with_a_gradient(std::span<const Response> responses,
                                           const LossConfig& loss) {
  std::vector<int64_t> indices = all_of(responses);
  std::erase_if(indices, [&](int64_t index) { return !has_gradient(responses[index], loss); });
  return indices;
}

std::vector<int64_t> probe_of(std::span<const Response> responses,
                              int64_t wanted_tokens,
                              const Stream& stream) {
  std::vector<int64_t> order = all_of(responses);
  shuffle_(order, stream);
  int64_t tokens = 0;
  size_t count = 0;
  while (count < order.size() && tokens < wanted_tokens) {
    tokens += static_cast<int64_t>(responses[order[count++]].advantages.size());
  }
  order.resize(count);
  return order;
}

GapStats gap_to(std::span<const Response> responses,
                const std::vector<int64_t>& chosen,
                const std::vector<SequenceScores>& scores) {
  GapStats gap;
  for (size_t i = 0; i < chosen.size(); ++i) {
    gap.add(measure_gap(responses[chosen[i]].rollout_logprobs, scores[i].logprobs));
  }
  return gap;
}

}  // namespace

OldLogprobs settle_old_logprobs_(std::span<Response> responses,
                                 const model::Transformer& model,
                                 const LossConfig& loss,
                                 const SettleOptions& options,
                                 const Stream& stream) {
  if (loss.old_logprobs == "rollout") return {};
  if (loss.old_logprobs == "gated" && options.single_update) return {};
  OldLogprobs old{.recomputed = true};
  if (loss.old_logprobs == "gated") {
    const std::vector<int64_t> probe = probe_of(responses, loss.gap_probe_tokens, stream);
    old.gap = gap_to(responses, probe, score_responses(responses, probe, model, options.score));
    if (!wants_recomputed(old.gap, loss)) return {.recomputed = false, .gap = old.gap};
  }
  const std::vector<int64_t> chosen = those_with_a_gradient(responses, loss);
  if (options.single_update) {
    for (const int64_t index : chosen) responses[index].old_logprobs.clear();
    return old;
  }
  std::vector<SequenceScores> scores = score_responses(responses, chosen, model, options.score);
  if (old.gap.num_tokens == 0) old.gap = gap_to(responses, chosen, scores);
  for (size_t i = 0; i < chosen.size(); ++i) {
    responses[chosen[i]].old_logprobs = std::move(scores[i].logprobs);
  }
  return old;
}

void fill_ref_logprobs_(std::span<Response> responses,
                        const model::Transformer& reference,
                        const ScoreOptions& options) {
  std::vector<SequenceScores> scores =
      score_responses(responses, all_of(responses), reference, options);
  for (size_t i = 0; i < responses.size(); ++i) {
    responses[i].ref_logprobs = std::move(scores[i].logprobs);
  }
}

}  // namespace stratagram::train
