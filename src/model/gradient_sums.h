// model/gradient_sums.h -- gradients of weights in low precision, summed in float32 in the weights'
// own grad(): of many small ones, which are those of many micro-batches, bfloat16 would lose some.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace stratagram::model {

/// Float32 at least: the dtype in which a weight's gradients are summed.
[[nodiscard]] at::ScalarType sum_dtype(at::ScalarType weight);

/// Makes a leaf want a gradient, which has sum_dtype().
void want_gradient_(const at::Tensor& weight);

/// The float32 sum in grad() of a bfloat16 weight on the CPU, zeros where there is none, for a
/// backward pass that adds to it in place; undefined for other weights, and for those of
/// requires_grad_() alone: their gradients go to autograd.
[[nodiscard]] at::Tensor gradient_sum_of(const at::Tensor& weight);

/// Gradients for autograd of weights [O, I] that multiplied x_NI; undefined where a gradient went
/// into the weight's sum.
///   gradient_NO  of their results side by side
[[nodiscard]] std::vector<at::Tensor> weight_gradients(const std::vector<at::Tensor>& weights,
                                                       const at::Tensor& gradient_NO,
                                                       const at::Tensor& x_NI);

/// The rows of an embedding, [N, D].
[[nodiscard]] at::Tensor embed(const at::Tensor& weight_VD, const at::Tensor& tokens_N);

}  // namespace stratagram::model
