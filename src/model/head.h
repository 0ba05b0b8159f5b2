// model/head.h -- the language-model head: what a token's log-probability is, for rollout and
// trainer alike. Never holds [N, V] floats; works through the vocabulary in blocks, and again
// backwards. On the CPU the numbers come from softmax_rows.h, as those of the sampler do.
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

/// Columns of the vocabulary whose logits the kernels hold at once, for all rows: a multiple of
/// kSoftmaxColumns, as many as 16 MB hold.
[[nodiscard]] int64_t head_columns_at_once(int64_t num_rows, at::ScalarType dtype);

}  // namespace stratagram::model
