#include "train/gap.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace stratagram::train {

void GapStats::add(const GapStats& other) {
  max_abs = std::max(max_abs, other.max_abs);
  sum_abs += other.sum_abs;
  sum_exp += other.sum_exp;
  num_tokens += other.num_tokens;
}

double GapStats::mean() const {
  return num_tokens == 0 ? 0.0 : sum_abs / static_cast<double>(num_tokens);
}

double GapStats::mean_exp() const {
  return num_tokens == 0 ? 1.0 : sum_exp / static_cast<double>(num_tokens);
}

GapStats measure_gap(std::span<const float> rollout, std::span<const float> train) {
  STRATAGRAM_CHECK(rollout.size() == train.size(),
                   "measure_gap: {} log-probabilities of the rollout, {} of the trainer",
                   rollout.size(),
                   train.size());
  GapStats stats;
  for (size_t t = 0; t < rollout.size(); ++t) {
    double gap = std::abs(static_cast<double>(rollout[t]) - static_cast<double>(train[t]));
    if (!std::isfinite(gap)) gap = std::numeric_limits<double>::infinity();
    stats.max_abs = std::max(stats.max_abs, gap);
    stats.sum_abs += gap;
    stats.sum_exp += std::exp(gap);
    ++stats.num_tokens;
  }
  return stats;
}

bool wants_recomputed(const GapStats& gap, const LossConfig& config) {
  if (config.old_logprobs == "gated") return gap.mean_exp() > config.gap_gate;
  return config.old_logprobs == "recomputed";
}

}  // namespace stratagram::train
