// model/layer_math.h -- what a layer does between its matrix products, differentiable: RMSNorm,
// rotary embedding, the gated SiLU. On the CPU one kernel each way (row_kernels.h); elsewhere, and
// in float64, the plain_ functions, which are libtorch's operators and the reference of the tests.
#pragma once

#include <ATen/core/Tensor.h>

#include "model/rope.h"

namespace stratagram::model {

/// x / sqrt(mean(x^2) + eps) * weight over the last dimension (Zhang and Sennrich, arXiv
/// 1910.07467). Computed in float32 at least, rounded once.
///   x         [..., W], any strides
///   weight_W  same dtype
[[nodiscard]] at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight_W, double eps);
[[nodiscard]] at::Tensor plain_rms_norm(const at::Tensor& x,
                                        const at::Tensor& weight_W,
                                        double eps);

/// silu(gate) * up (Shazeer, arXiv 2002.05202), of one shape and dtype.
[[nodiscard]] at::Tensor gated_silu(const at::Tensor& gate, const at::Tensor& up);
[[nodiscard]] at::Tensor plain_gated_silu(const at::Tensor& gate, const at::Tensor& up);

/// Rotates [N, heads, H]; a new tensor of the same dtype.
[[nodiscard]] at::Tensor rotate(const at::Tensor& x_NQH, const Rotation& rotation);
[[nodiscard]] at::Tensor plain_rotate(const at::Tensor& x_NQH, const Rotation& rotation);

}  // namespace stratagram::model
