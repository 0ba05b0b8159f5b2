#include "rollout/sampler.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "model/share_out.h"
#include "model/softmax_rows.h"

namespace stratagram::rollout {
namespace {

struct Candidate {
  float prob;
  int32_t token;
};

bool is_likelier(const Candidate& a, const Candidate& b) {
  return a.prob != b.prob ? a.prob > b.prob : a.token < b.token;
}

// The tokens that may be drawn, in order of ids.
std::vector<Candidate> candidates_of(std::span<const float> probs, const SamplingConfig& config) {
  const auto vocab_size = static_cast<double>(probs.size());
  const float highest = *std::max_element(probs.begin(), probs.end());
  // What is below this floor holds less than 1 - top_p in all, so it is outside every nucleus.
  // Not so where other filters leave less than 1: then top_p is a share of that.
  const bool is_nucleus_of_all = config.top_p < 1.0 && config.top_k == 0 && config.min_p == 0;
  const double nucleus_floor = is_nucleus_of_all ? (1.0 - config.top_p) / vocab_size : 0.0;
  const double floor = std::max(config.min_p * highest, nucleus_floor);
  std::vector<Candidate> kept;
  for (size_t v = 0; v < probs.size(); ++v) {
    if (probs[v] >= floor) kept.push_back({probs[v], static_cast<int32_t>(v)});
  }
  const auto top_k = static_cast<size_t>(config.top_k);
  if (top_k > 0 && top_k < kept.size()) {
    std::nth_element(kept.begin(), kept.begin() + config.top_k - 1, kept.end(), is_likelier);
    kept.resize(top_k);
  }
  if (config.top_p < 1.0) {
    std::sort(kept.begin(), kept.end(), is_likelier);
    double total = 0;  // top-p is a share of what the other filters left
    if (is_nucleus_of_all) {
      total = 1.0;
    } else {
      for (const Candidate& candidate : kept) total += candidate.prob;
    }
    double sum = 0;
    size_t count = 0;
    while (count < kept.size() && sum < config.top_p * total) sum += kept[count++].prob;
    kept.resize(std::max<size_t>(count, 1));
  }
  std::sort(kept.begin(), kept.end(), [](const Candidate& a, const Candidate& b) {
    return a.token < b.token;
  });
  return kept;
}

}  // namespace

int32_t pick(std::span<const float> probs, double uniform, const SamplingConfig& config) {
  const std::vector<Candidate> kept = candidates_of(probs, config);
  double total = 0;
  for (const Candidate& candidate : kept) total += candidate.prob;
  const double wanted = uniform * total;
  double sum = 0;
  for (const Candidate& candidate : kept) {
    sum += candidate.prob;
    if (sum > wanted) return candidate.token;
  }
  return kept.back().token;
}

namespace {

std::vector<int32_t> draw_filtered(const at::Tensor& logits_BV,
                                   const model::SoftmaxStats& stats,
                                   std::span<const double> uniforms_B,
                                   const SamplingConfig& config) {
  const auto* normalisers = stats.normalisers_C.const_data_ptr<float>();
  std::vector<int32_t> tokens(uniforms_B.size());
  model::share_out(logits_BV.size(0), [&](model::Pieces& rows) {
    std::vector<float> probs(logits_BV.size(1));
    while (const auto row = rows.take_()) {
      model::softmax_row(logits_BV, *row, config.temperature, normalisers[*row], probs);
      tokens[*row] = pick(probs, uniforms_B[*row], config);
    }
  });
  return tokens;
}

}  // namespace

std::vector<Sampled> sample(const at::Tensor& logits_BV,
                            std::span<const double> uniforms_B,
                            const SamplingConfig& config) {
  const int64_t num_rows = logits_BV.size(0);
  STRATAGRAM_CHECK(static_cast<int64_t>(uniforms_B.size()) == num_rows,
                   "sample: wanted {} uniforms, got {}",
                   num_rows,
                   uniforms_B.size());
  const at::Tensor logits = logits_BV.cpu().contiguous();
  const bool greedy = config.temperature == 0;
  const double temperature = greedy ? 1.0 : config.temperature;
  const at::Tensor parts_BP3 = model::softmax_parts(logits, temperature);
  const model::SoftmaxStats stats = model::softmax_stats(parts_BP3);
  const auto* entropies = stats.entropies_C.const_data_ptr<float>();
  for (int64_t row = 0; row < num_rows; ++row) {
    if (!std::isfinite(entropies[row])) {
      fail(ErrorKind::kNumeric, "the logits of row {} of {} are not finite", row, num_rows);
    }
  }
  std::vector<int32_t> tokens;
  if (greedy) {
    const at::Tensor best = logits.argmax(-1);
    const auto* ids = best.const_data_ptr<int64_t>();
    tokens.assign(ids, ids + num_rows);
  } else if (config.is_plain()) {
    tokens = model::draw_rows(logits, parts_BP3, temperature, uniforms_B);
  } else {
    tokens = draw_filtered(logits, stats, uniforms_B, config);
  }
  const at::Tensor chosen_B1 =
      at::tensor(tokens, at::TensorOptions().dtype(at::kLong)).unsqueeze(1);
  const at::Tensor logprobs = logits.gather(1, chosen_B1)
                                  .squeeze(1)
                                  .to(at::kFloat)
                                  .div_(temperature)
                                  .sub_(stats.normalisers_C);
  std::vector<Sampled> sampled(num_rows);
  for (int64_t row = 0; row < num_rows; ++row) {
    sampled[row] = {.token = tokens[row],
                    .logprob = logprobs.const_data_ptr<float>()[row],
                    .entropy = entropies[row]};
  }
  return sampled;
}

}  // namespace stratagram::rollout
