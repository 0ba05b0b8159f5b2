// train/adamw_update.h -- what one AdamW update (Loshchilov and Hutter, arXiv 1711.05101) does to
// the numbers of a weight.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "train/config.h"

namespace stratagram::train {

/// A weight and its state, of one shape: all of them, or some, flat. Contiguous aliases.
struct AdamWNumbers {
  at::Tensor weight;      ///< float32, float64 or bfloat16
  at::Tensor exp_avg;     ///< mean of gradients, of the dtype in which they are summed
  at::Tensor exp_avg_sq;  ///< mean of their squares, likewise
  at::Tensor lower{};     ///< of a bfloat16 weight's master (masters.h), else undefined

  /// Of a bfloat16 weight made from the halves, else an alias of the weight.
  [[nodiscard]] at::Tensor master() const;
  /// Takes a changed master() back; one in bfloat16 is changed by nothing else.
  void set_master_(const at::Tensor& master) const;
  /// All but the weight.
  [[nodiscard]] std::vector<at::Tensor> state() const;
  /// Aliases of the numbers [begin, begin + count), flat.
  [[nodiscard]] AdamWNumbers part(int64_t begin, int64_t count) const;
};

struct AdamWRule {
  double learning_rate = 0;
  double beta1 = OptimizerConfig{}.beta1;
  double beta2 = OptimizerConfig{}.beta2;
  double epsilon = OptimizerConfig{}.epsilon;  ///< above 0 as a float32
  double decay = 0;
  double gradient_divisor = 1;  ///< gradients are divided by it first
  int64_t num_updates = 1;      ///< this one included
};

/// Sums of squares, float64 of no dimension, on the weights' device.
struct AdamWSquares {
  at::Tensor masters;  ///< before the update
  at::Tensor changes;  ///< before rounding
};

/// Squared 2-norm, float64 of no dimension.
[[nodiscard]] at::Tensor squared_norm(const at::Tensor& tensor);

/// Adds its part to `squares`. The gradient has the moments' dtype and the weight's shape. Float32
/// and bfloat16 weights on the CPU take one pass over memory, with the same bits for every number
/// of threads; others take the operators.
void update_numbers_(const AdamWNumbers& numbers,
                     const at::Tensor& gradient,
                     const AdamWRule& rule,
                     const AdamWSquares& squares);

/// The same by libtorch's operators on any device.
void update_by_operators_(const AdamWNumbers& numbers,
                          const at::Tensor& gradient,
                          const AdamWRule& rule,
                          const AdamWSquares& squares);

}  // namespace stratagram::train
