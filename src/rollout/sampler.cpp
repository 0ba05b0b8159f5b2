#include "rollout/sampler.h"

#include <ATen/Parallel.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "model/head.h"

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

int32_t pick_plain(std::span<const float> probs, double uniform) {
  double total = 0;
  for (const float prob : probs) total += prob;
  const double wanted = uniform * total;
  double sum = 0;
  int32_t last = 0;  // rounding may leave `wanted` above the sum: then the last possible token
  for (size_t v = 0; v < probs.size(); ++v) {
    if (probs[v] <= 0) continue;
    sum += probs[v];
    last = static_cast<int32_t>(v);
    if (sum > wanted) break;
  }
  return last;
}

}  // namespace

int32_t pick(std::span<const float> probs, double uniform, const SamplingConfig& config) {
  if (config.is_plain()) return pick_plain(probs, uniform);
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

std::vector<Sampled> sample_(const at::Tensor& logits_BV,
                             std::span<const double> uniforms_B,
                             const SamplingConfig& config) {
  const int64_t num_rows = logits_BV.size(0);
  const int64_t vocab_size = logits_BV.size(1);
  STRATAGRAM_CHECK(static_cast<int64_t>(uniforms_B.size()) == num_rows,
                   "sample_: wanted {} uniforms, got {}",
                   num_rows,
                   uniforms_B.size());
  const bool greedy = config.temperature == 0;
  if (!greedy && config.temperature != 1.0) logits_BV.div_(config.temperature);
  const model::Distribution distribution = model::distribution_(logits_BV);
  const at::Tensor entropies = distribution.entropies_C.cpu();
  std::vector<Sampled> sampled(num_rows);
  for (int64_t row = 0; row < num_rows; ++row) {
    sampled[row].entropy = entropies.const_data_ptr<float>()[row];
    if (!std::isfinite(sampled[row].entropy)) {
      fail(ErrorKind::kNumeric, "the logits of row {} of {} are not finite", row, num_rows);
    }
  }
  if (greedy) {
    const at::Tensor best = distribution.logprobs_CV.argmax(-1).cpu();
    for (int64_t row = 0; row < num_rows; ++row) {
      sampled[row].token = static_cast<int32_t>(best.const_data_ptr<int64_t>()[row]);
    }
  } else {
    const at::Tensor probs = distribution.probs_CV.cpu().contiguous();
    const auto* all = probs.const_data_ptr<float>();
    at::parallel_for(0, num_rows, 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const std::span<const float> row_probs(all + row * vocab_size,
                                               static_cast<size_t>(vocab_size));
        sampled[row].token = pick(row_probs, uniforms_B[row], config);
      }
    });
  }
  const at::Tensor logprobs = distribution.logprobs_CV.cpu().contiguous();
  for (int64_t row = 0; row < num_rows; ++row) {
    sampled[row].logprob = logprobs.const_data_ptr<float>()[row * vocab_size + sampled[row].token];
  }
  return sampled;
}

}  // namespace stratagram::rollout
