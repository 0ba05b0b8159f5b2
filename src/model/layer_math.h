// model/layer_math.h -- what a layer does between its matrix products, differentiable: RMSNorm,
// rotary embedding, the gated SiLU. On the CPU one kernel each way (row_kernels.h); elsewhere, and
// in float64, the plain_ functions, which are libtorch's operators and the reference of the tests.
#pragma once

#include <ATen/core/Tensor.h>

#include "model/joined_linear.h"
#include "model/products.h"
#include "model/rope.h"

namespace stratagram::model {

/// The weight [I] and epsilon of an RMSNorm.
struct Norm {
  const at::Tensor& weight_I;
  double eps;
};

/// x / sqrt(mean(x^2) + eps) * weight over the last dimension (Zhang and Sennrich, arXiv
/// 1910.07467). Computed in float32 at least, rounded once.
///   x         [..., W], any strides
///   weight_W  same dtype
[[nodiscard]] at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight_W, double eps);
[[nodiscard]] at::Tensor plain_rms_norm(const at::Tensor& x,
                                        const at::Tensor& weight_W,
                                        double eps);

/// silu(gate) * up (Shazeer, arXiv 2002.05202), of one shape and dtype.
[[nodiscard]] at::Tensor plain_gated_silu(const at::Tensor& gate, const at::Tensor& up);

/// added + a product by all parts, [N, O].
[[nodiscard]] at::Tensor add_linear(const at::Tensor& added_NO,
                                    const at::Tensor& y_NI,
                                    const JoinedLinear& maps,
                                    const Products& products);

struct NormedProduct {
  at::Tensor result_NO;
  at::Tensor x_NI;  ///< what came in, for whoever needs it beside the product
};

/// rms_norm() and then a product. The backward pass keeps x and norms it again, so that the normed
/// rows need no memory between the passes; what flows into x otherwise, through the x that is given
/// back, joins the norm's gradient in the same pass over memory.
///   x_NI      a layer's input
///   products  for the product; with gradients wanted it is always the plain one
[[nodiscard]] NormedProduct norm_linear(const at::Tensor& x_NI,
                                        const Norm& norm,
                                        const JoinedLinear& maps,
                                        const Products& products);

/// added + silu(gate) * up, multiplied: [N, D]. The backward pass keeps gate and up.
///   both_NW    W = 2 M: gate, then up
///   down_DM
[[nodiscard]] at::Tensor add_gated_linear(const at::Tensor& added_ND,
                                          const at::Tensor& both_NW,
                                          const at::Tensor& down_DM,
                                          const Products& products);

/// Rotates [N, heads, H]; a new tensor of the same dtype.
[[nodiscard]] at::Tensor rotate(const at::Tensor& x_NQH, const Rotation& rotation);
[[nodiscard]] at::Tensor plain_rotate(const at::Tensor& x_NQH, const Rotation& rotation);

}  // namespace stratagram::model
