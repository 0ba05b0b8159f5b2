// model/row_kernels.h -- the CPU kernels of a layer's work between its matrix products: one pass
// over memory each, sums in float32, one rounding at the end. Plain tensors in and out, no gradient
// is recorded; layer_math.h builds the differentiable functions from them.
//
// R rows of width W, contiguous, float32 or bfloat16 on the CPU. Rows run on libtorch's threads; a
// row's result depends on nothing but the row.
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

namespace stratagram::model {

struct Normed {
  at::Tensor y_RW;
  at::Tensor scales_R;  ///< float32: 1 / sqrt(mean(x^2) + eps)
};

/// y = x * scale * weight, with weight [W].
[[nodiscard]] Normed rms_norm_rows(const at::Tensor& x_RW, const at::Tensor& weight_W, double eps);

struct NormPull {
  at::Tensor gradient_RW;  ///< of y
  at::Tensor x_RW;
  at::Tensor weight_W;
  at::Tensor scales_R;
  at::Tensor added_RW{};  ///< joins the gradient of x; may be undefined
};

/// Gradients of x (dtype of x) and weight (float32).
[[nodiscard]] std::pair<at::Tensor, at::Tensor> rms_norm_rows_backward(const NormPull& pull);

/// silu(gate) * up, [R, M].
///   both_RW  W = 2 M: gate, then up
[[nodiscard]] at::Tensor gated_silu_rows(const at::Tensor& both_RW);

struct GatedPull {
  at::Tensor both_gradient_RW;
  at::Tensor gated_RM;  ///< the result once more
};

/// From the gradient of the result, [R, M].
[[nodiscard]] GatedPull gated_silu_rows_backward(const at::Tensor& gradient_RM,
                                                 const at::Tensor& both_RW);

/// sums_VD[row] += x_ND[n] for n in order, row = rows_N[n].
///   sums_VD  float32 on the CPU, contiguous
///   rows_N   int64, each in [0, V)
void add_rows_(const at::Tensor& sums_VD, const at::Tensor& rows_N, const at::Tensor& x_ND);

/// Turns channel i with channel i + W/2 by an angle of its token.
///   x_NQW             Q heads a token, side by side; between tokens there may be other numbers
///   cos_NF sin_NF     float32, F = W/2
///   direction         1, or -1 for the inverse, which is the gradient
[[nodiscard]] at::Tensor rotate_rows(const at::Tensor& x_NQW,
                                     const at::Tensor& cos_NF,
                                     const at::Tensor& sin_NF,
                                     float direction);

}  // namespace stratagram::model
