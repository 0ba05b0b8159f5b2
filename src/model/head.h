// model/head.h -- the language-model head: what a token's log-probability is, for rollout and
// trainer alike. Works through the vocabulary in blocks, and again backwards, and holds of [N, V]
// logits no more than a block and what it is told to keep. On the CPU the numbers come from
// softmax_rows.h, as those of the sampler do.
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
  double temperature = 1.0;  ///< > 0
  /// MB of logits kept for the backward pass, which multiplies the others once more; float32 and
  /// bfloat16 on the CPU only, and only where gradients are wanted. 0 or more.
  int64_t kept_mb = 0;
  bool by_rows = false;        ///< libtorch's operators also where there are kernels: the reference
  int64_t chunk_tokens = 256;  ///< rows whose logits are held at once; where there are no kernels
};

/// Differentiable in hidden and weight through both outputs.
///   hidden_ND weight_VD  one dtype and device
///   targets_N            int64 in [0, V)
/// Throws Error(kInternal) naming the argument, what was wanted and what came.
[[nodiscard]] TokenScores token_scores(const at::Tensor& hidden_ND,
                                       const at::Tensor& weight_VD,
                                       const at::Tensor& targets_N,
                                       const HeadOptions& options);

}  // namespace stratagram::model
