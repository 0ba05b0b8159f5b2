// model/head.h -- the language-model head: what a token's log-probability is, for rollout and
// trainer alike. Never holds [N, V] floats; works through the rows in chunks, and again backwards.
//
// N rows (positions whose next token is wanted), D width, V vocabulary.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stratagram::model {

/// Of softmax(logits / temperature), natural logarithm. Float32 (float64 for float64 input).
struct TokenScores {
  at::Tensor logprobs_N;   ///< of the target tokens
  at::Tensor entropies_N;  ///< of the whole distribution, in nats
};

struct HeadOptions {
  double temperature = 1.0;    ///< > 0
  int64_t chunk_tokens = 256;  ///< rows whose logits are held at once
};

/// Differentiable in hidden and weight through both outputs.
///   hidden_ND weight_VD  one dtype and device
///   targets_N            int64 in [0, V)
/// Throws Error(kInternal) naming the argument, what was wanted and what came.
[[nodiscard]] TokenScores token_scores(const at::Tensor& hidden_ND,
                                       const at::Tensor& weight_VD,
                                       const at::Tensor& targets_N,
                                       const HeadOptions& options);

/// Rows of softmax(z).
struct Distribution {
  at::Tensor logprobs_CV;  ///< z less its normaliser, in the memory of z
  at::Tensor probs_CV;
  at::Tensor entropies_C;    ///< in nats
  at::Tensor normalisers_C;  ///< log of the sum of exp(z)
};

/// What token_scores() and the sampler both take their numbers from: rollout and trainer agree
/// because this is the one place. Overwrites z_CV: float32 or float64 logits divided by the
/// temperature.
[[nodiscard]] Distribution distribution_(const at::Tensor& z_CV);

/// [N, V] in float32 (float64 for float64 input), not divided by a temperature: for a few rows.
[[nodiscard]] at::Tensor head_logits(const at::Tensor& hidden_ND, const at::Tensor& weight_VD);

}  // namespace stratagram::model
