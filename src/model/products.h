// model/products.h -- how a forward pass multiplies by its weights: as they are, differentiably, or
// by copies in the layout that the CPU's kernels read.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <unordered_map>

#include "model/panel_product.h"

namespace stratagram::model {

class Products {
 public:
  virtual ~Products() = default;

  /// x weight^T + bias; bias may be undefined.
  ///   x_NI weight_OI bias_O  one dtype and device
  [[nodiscard]] virtual at::Tensor linear(const at::Tensor& x_NI,
                                          const at::Tensor& weight_OI,
                                          const at::Tensor& bias_O) const = 0;

  /// added + x weight^T + bias. No gradient is recorded.
  [[nodiscard]] virtual at::Tensor add_linear(const at::Tensor& added_NO,
                                              const at::Tensor& x_NI,
                                              const at::Tensor& weight_OI,
                                              const at::Tensor& bias_O) const;

 protected:
  Products() = default;
  Products(const Products&) = default;
  Products& operator=(const Products&) = default;
};

/// Libtorch's own; any device, differentiable. On the CPU, where no gradient is recorded, as inside
/// the functions of layer_math.h, by panels of our own (panel_product.h) where they are the
/// fastest; elsewhere many rows of bfloat16 are shared out: threads call libtorch for parts of
/// them. What forward() takes without another.
[[nodiscard]] const Products& plain_products();

/// gradient weight, [N, I]: the gradient of x in a product. No gradient is recorded.
[[nodiscard]] at::Tensor linear_backward(const at::Tensor& gradient_NO,
                                         const at::Tensor& weight_OI);

/// x factor into the memory of the result. No gradient is recorded.
///   x_NK factor_KO result_NO  one dtype and device
void multiply_into_(const at::Tensor& result_NO,
                    const at::Tensor& x_NK,
                    const at::Tensor& factor_KO);

/// Copies of weights, packed for products of `num_rows` rows: panels of our own (panel_product.h)
/// where they are the fastest, which is with AVX2 alone, and with AVX-512 up to kPanelRows; else
/// libtorch's operators for MKL in float32 and oneDNN in bfloat16. Inference on the CPU. A product
/// of another height (with AVX2 alone any will do), or by a weight that was not packed, is the
/// plain one. The copies do not follow a change of the weights.
///
/// A row's result does not depend on its place or on the other rows; plain float32 products of
/// fewer than 16 rows were seen to round by place.
class PackedProducts : public Products {
 public:
  explicit PackedProducts(int64_t num_rows) : num_rows_(num_rows) {}

  /// True when this build and this processor pack weights of that dtype on that device for products
  /// of every height. bfloat16 wants AVX2.
  [[nodiscard]] static bool available(const at::Tensor& weight);

  /// weight_OI must outlive the object.
  void add(const at::Tensor& weight_OI);

  [[nodiscard]] at::Tensor linear(const at::Tensor& x_NI,
                                  const at::Tensor& weight_OI,
                                  const at::Tensor& bias_O) const override;

 private:
  int64_t num_rows_;
  // By where the weight's numbers lie.
  std::unordered_map<const void*, PanelWeight> panels_;
  std::unordered_map<const void*, at::Tensor> packed_;
};

}  // namespace stratagram::model
