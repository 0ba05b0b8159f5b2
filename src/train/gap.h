// train/gap.h -- how far rollout and trainer part on the log-probability of the same tokens, and
// what follows from it. One forward pass serves both, so the gap is rounding; if it is more, every
// importance ratio is wrong and nothing else would show it.
#pragma once

#include <cstdint>
#include <span>

#include "train/config.h"

namespace stratagram::train {

/// Definitions, section 4; every token counts alike. Sums, so that those of parts add.
struct GapStats {
  double max_abs = 0.0;  ///< max |log p_rollout - log p_train|
  double sum_abs = 0.0;
  double sum_exp = 0.0;  ///< of exp(|gap|)
  int64_t num_tokens = 0;

  void add(const GapStats& other);
  /// 0 without tokens.
  [[nodiscard]] double mean() const;
  /// mean exp(|gap|); 1 without tokens.
  [[nodiscard]] double mean_exp() const;
};

/// Both of one length, else Error(kInternal). A value that is not finite makes the gap infinite.
[[nodiscard]] GapStats measure_gap(std::span<const float> rollout, std::span<const float> train);

/// True when the old log-probabilities must come from the trainer: always under "recomputed", never
/// under "rollout", and under "gated" when mean_exp() is above gap_gate.
[[nodiscard]] bool wants_recomputed(const GapStats& gap, const LossConfig& config);

}  // namespace stratagram::train
