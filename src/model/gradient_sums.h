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

/// The float32 sum in grad() of a bfloat16 weight on the CPU, made of zeros where there is none,
/// for a backward() that adds to it in place; undefined for other weights, for frozen ones, and for
/// those of requires_grad_() alone: their gradients go to autograd.
[[nodiscard]] at::Tensor gradient_sum_(const at::Tensor& weight);

/// True where a product of bfloat16 is added to float32 without a rounding between: by MKL's, which
/// this build's libtorch holds and this processor is fast at (AMX), or by panel_product.h.
[[nodiscard]] bool has_float_product();

/// sums_MN += a_MK b_KN, without gradients: of bfloat16 summed in float32 throughout where
/// has_float_product(); elsewhere the product is rounded once before it is added.
///   sums_MN    float32 on the CPU, contiguous
///   a_MK b_KN  float32 or bfloat16, one dtype
void add_product_(const at::Tensor& sums_MN, const at::Tensor& a_MK, const at::Tensor& b_KN);

/// Gradients for autograd of weights [O, I] that multiplied x_NI; undefined where a gradient was
/// added to the weight's sum. Sums of several weights come to lie in one memory, so that one
/// product adds to them all: a grad() taken before is then no longer theirs.
///   gradient_NO  of their results side by side
[[nodiscard]] std::vector<at::Tensor> weight_gradients_(const std::vector<at::Tensor>& weights,
                                                        const at::Tensor& gradient_NO,
                                                        const at::Tensor& x_NI);

/// The rows of an embedding, [N, D].
[[nodiscard]] at::Tensor embed(const at::Tensor& weight_VD, const at::Tensor& tokens_N);

}  // namespace stratagram::model
