// model/softmax_rows.h -- CPU kernels over rows of logits: normaliser, entropy, gradient and draws
// without a second [C, V] tensor. A row is worked through in parts of kSoftmaxColumns columns,
// whose sums are merged in their order: so it does not matter in how many calls a vocabulary comes,
// and the sums keep the accuracy of short ones.
//
// C rows, V columns, P = ceil(V / kSoftmaxColumns) parts. Logits are float32 or bfloat16 on the
// CPU, contiguous, not divided by the temperature; all arithmetic is in float32 at least.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace stratagram::model {

constexpr int64_t kSoftmaxColumns = 1024;

/// With z = logits / temperature, of each part: m = max z, sum of exp(z - m), and sum of
/// (z - m) exp(z - m). Float32 [C, P, 3].
[[nodiscard]] at::Tensor softmax_parts(const at::Tensor& logits_CV, double temperature);

struct SoftmaxStats {
  at::Tensor normalisers_C;  ///< log of the sum of exp(z), float32
  at::Tensor entropies_C;    ///< in nats, float32; not finite where a logit is not
};

/// Of whole rows, from the parts of all their columns in order.
[[nodiscard]] SoftmaxStats softmax_stats(const at::Tensor& parts_CP3);

/// What flows back into the logits of some columns.
struct SoftmaxPull {
  SoftmaxStats stats;
  at::Tensor targets_C;            ///< int64
  at::Tensor logprob_gradients_C;  ///< float32
  at::Tensor entropy_gradients_C;  ///< float32
  double temperature = 1;
  int64_t first_column = 0;  ///< of the logits given, in the whole row
};

/// Turns the logits of columns [first_column, first_column + B) into the gradient of the logits:
/// with p = softmax(z), d log p_t / dz_j = [j = t] - p_j and dH / dz_j = -p_j (log p_j + H), over
/// the temperature.
void softmax_gradient_(const at::Tensor& logits_CB, const SoftmaxPull& pull);

/// A token a row: the first at which the running sum of probabilities exceeds uniforms_C, in [0,
/// 1). parts_CP3: of these very logits.
[[nodiscard]] std::vector<int32_t> draw_rows(const at::Tensor& logits_CV,
                                             const at::Tensor& parts_CP3,
                                             double temperature,
                                             std::span<const double> uniforms_C);

/// Probabilities of one row, V of them.
void softmax_row(const at::Tensor& logits_CV,
                 int64_t row,
                 double temperature,
                 double normaliser,
                 std::span<float> probs);

}  // namespace stratagram::model
