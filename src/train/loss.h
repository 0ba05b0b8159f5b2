// train/loss.h -- the loss of definitions, section 4, over some response tokens, as a sum.
//
// N: the response tokens of this call, from any number of responses in any order. What a token
// weighs in the whole update stands in weights_N, so the losses of micro-batches add up.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "train/config.h"

namespace stratagram::train {

/// All [N], one floating dtype and device. Gradients flow through logprobs_N and, with an entropy
/// coefficient, entropies_N; the others are taken as constants.
struct LossBatch {
  at::Tensor logprobs_N{};      ///< of the policy in training, from logits / temperature
  at::Tensor entropies_N{};     ///< nats, at the same temperature
  at::Tensor old_logprobs_N{};  ///< of the policy that sampled
  at::Tensor advantages_N{};
  at::Tensor weights_N{};       ///< from token_weights()
  at::Tensor ref_logprobs_N{};  ///< needed when kl_coefficient > 0, else may be undefined
};

/// Sums, so that those of micro-batches add. `policy`, `entropy` and `kl` are weighted sums: added
/// over an update they are its policy loss, mean entropy and mean divergence.
struct LossStats {
  double loss = 0.0;
  double policy = 0.0;
  double entropy = 0.0;
  double kl = 0.0;
  double ratio_sum = 0.0;
  double ratio_max = 0.0;
  int64_t num_tokens = 0;
  int64_t num_clipped_low = 0;   ///< A < 0 and ratio < 1 - clip_low
  int64_t num_clipped_high = 0;  ///< A > 0 and ratio > 1 + clip_high
  int64_t num_clipped_dual = 0;  ///< A < 0 and ratio > dual_clip_bound

  void add(const LossStats& other);
  /// 1 when there are no tokens.
  [[nodiscard]] double ratio_mean() const;
};

struct LossResult {
  at::Tensor loss;  ///< scalar, with gradient
  LossStats stats;
};

/// sum_t w_t (-min(rho A, clip(rho) A) - c_entropy H + c_kl (exp(r) - r - 1)), rho the ratio to
/// old_logprobs_N and r = ref - logprob; with dual clip, the first term is at most -bound A where
/// A < 0. Stays finite for any ratio on the side that is clipped; the stats are not finite when the
/// loss is not. N = 0 gives zeros.
/// Throws Error(kInternal) naming the tensor whose shape or dtype does not fit.
[[nodiscard]] LossResult policy_loss(const LossBatch& batch, const LossConfig& config);

}  // namespace stratagram::train
