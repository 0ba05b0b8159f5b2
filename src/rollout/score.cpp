#include "rollout/score.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "core/error.h"
#include "core/interrupt.h"
#include "model/head.h"

namespace stratagram::rollout {
namespace {

at::Tensor ids_on(const std::vector<int64_t>& ids, at::Device device) {
  return at::tensor(ids, at::TensorOptions().dtype(at::kLong)).to(device);
}

// Scores items [begin, end) in one pass.
void score_pack(const model::Transformer& model,
                std::span<const ScoreItem> items,
                const ScoreOptions& options,
                std::vector<Scores>& results) {
  std::vector<int64_t> tokens;
  std::vector<int64_t> positions;
  std::vector<int64_t> lengths;
  std::vector<int64_t> rows;  // the row before each response token predicts it
  std::vector<int64_t> targets;
  for (const ScoreItem& item : items) {
    STRATAGRAM_CHECK(!item.prompt.empty() && !item.response.empty(),
                     "score: wanted a prompt and a response, got {} and {} tokens",
                     item.prompt.size(),
                     item.response.size());
    const auto begin = static_cast<int64_t>(tokens.size());
    tokens.insert(tokens.end(), item.prompt.begin(), item.prompt.end());
    tokens.insert(tokens.end(), item.response.begin(), item.response.end());
    lengths.push_back(static_cast<int64_t>(tokens.size()) - begin);
    for (int64_t t = 0; t < lengths.back(); ++t) positions.push_back(t);
    for (size_t t = 0; t < item.response.size(); ++t) {
      rows.push_back(begin + static_cast<int64_t>(item.prompt.size() + t) - 1);
      targets.push_back(item.response[t]);
    }
  }
  const at::Device device = model.device();
  model::PackedAttention attention(lengths);
  const at::Tensor hidden_ND =
      model.forward(ids_on(tokens, device), ids_on(positions, device), attention);
  const model::TokenScores scores =
      model::token_scores(hidden_ND.index_select(0, ids_on(rows, device)),
                          model.head_weight_VD(),
                          ids_on(targets, device),
                          {.temperature = options.temperature, .chunk_tokens = options.head_chunk});
  const at::Tensor logprobs = scores.logprobs_N.to(at::kCPU, at::kFloat);
  const at::Tensor entropies = scores.entropies_N.to(at::kCPU, at::kFloat);
  const auto* logprob = logprobs.const_data_ptr<float>();
  const auto* entropy = entropies.const_data_ptr<float>();
  for (const ScoreItem& item : items) {
    const size_t count = item.response.size();
    results.push_back(
        {.logprobs = {logprob, logprob + count}, .entropies = {entropy, entropy + count}});
    logprob += count;
    entropy += count;
  }
}

}  // namespace

std::vector<Scores> score(const model::Transformer& model,
                          std::span<const ScoreItem> items,
                          const ScoreOptions& options) {
  const c10::InferenceMode inference;
  std::vector<Scores> results;
  results.reserve(items.size());
  for (size_t begin = 0; begin < items.size();) {
    throw_if_interrupted("scoring was stopped");
    size_t end = begin;
    int64_t tokens = 0;
    while (end < items.size()) {
      const auto size = static_cast<int64_t>(items[end].prompt.size() + items[end].response.size());
      if (end > begin && tokens + size > options.pack_tokens) break;
      tokens += size;
      ++end;
    }
    score_pack(model, items.subspan(begin, end - begin), options, results);
    begin = end;
  }
  return results;
}

}  // namespace stratagram::rollout
