// model/panel_product.h -- products of our own, for where libtorch's libraries are far from what
// the processor can do: with AVX2 alone they multiply bfloat16 without vectors, and with AVX-512
// they take twice as long to read the weights for few rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stratagram::model {

constexpr int64_t kPanelRows = 6;  ///< that one reading of the panels serves

/// A copy of a weight [O, I], float32 or bfloat16 on the CPU: panels of 16 outputs, each with its
/// numbers for one input side by side.
class PanelWeight {
 public:
  /// Throws Error(kInternal) for another dtype, device or number of dimensions.
  explicit PanelWeight(const at::Tensor& weight_OI);

  /// x weight^T + bias, [N, O], in the weight's dtype, rounded once from float32 sums of a few
  /// hundred inputs each, added from the first to the last: a row's result does not depend on its
  /// place or on the other rows, nor on the number of threads. No gradient is recorded.
  ///   x_NI    the weight's dtype; any number of rows
  ///   bias_O  or undefined
  [[nodiscard]] at::Tensor multiply(const at::Tensor& x_NI, const at::Tensor& bias_O) const;

 private:
  at::Tensor panels_PIL_;  ///< [panels, I, 16], zeros after the last output
  int64_t num_outputs_ = 0;
};

struct PanelOptions {
  at::Tensor bias_O{};  ///< added, of the result's dtype; undefined: none
  bool adds = false;    ///< to what is in the result already, which a bias excludes
};

/// x factor into the memory of the result: rounded once from float32 sums as PanelWeight does. No
/// gradient is recorded.
///   x_NK factor_KO  float32 or bfloat16 on the CPU, of one dtype and any strides
///   result_NO       of that dtype or float32, contiguous
/// Throws Error(kInternal) for others.
void multiply_by_panels_(const at::Tensor& result_NO,
                         const at::Tensor& x_NK,
                         const at::Tensor& factor_KO,
                         const PanelOptions& options = {});

}  // namespace stratagram::model
