// model/joined_linear.h -- matrices that multiply the same rows, in one storage one after the
// other, so that one product serves them all: queries, keys and values; gate and up.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

namespace stratagram::model {

/// I inputs, O outputs of all parts together.
struct JoinedLinear {
  at::Tensor weight_OI{};             ///< all parts; shares their memory, wants no gradient
  at::Tensor bias_O{};                ///< undefined where the parts have none
  std::vector<at::Tensor> weights{};  ///< the parts, which get the gradients
  std::vector<at::Tensor> biases{};
};

/// Replaces the tensors by equal ones that lie one after the other, and returns all of them as one,
/// joined along the first dimension. Tensors that lie so already are left alone.
///   parts  at least one, contiguous, equal but for the first dimension
at::Tensor join_(std::span<at::Tensor* const> parts);

}  // namespace stratagram::model
