// model/block_products.h -- products of bfloat16 with float32 sums, a block of each factor at a time,
// by the kernels of oneDNN that libtorch makes for the processor's matrix units.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stratagram::model {

/// True for bfloat16 on a CPU that has instructions for its products (AVX-512 BF16, AMX).
[[nodiscard]] bool has_block_products(const at::Tensor& x);

/// One call of a kernel: c [M, N] = a [M, K] b, or c += a b, in float32. K and N have few values in
/// a program: a kernel is made for each. Between calls the processor's matrix unit stays in use by
/// the thread, until release_block_products().
struct BlockProduct {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  int64_t a_stride = 0;  ///< in numbers
  int64_t b_stride = 0;  ///< in words; b is in pairs (pair_layout.h)
  int64_t c_stride = 0;
  bool adds = false;

  void run(const uint16_t* a, const uint32_t* b, float* c) const;
};

/// For the calling thread.
void release_block_products();

/// The rows x_NI that a product multiplied its weights by, laid out once for the gradients of all of
/// them.
class GradientRows {
 public:
  /// x_NI: has_block_products(), contiguous.
  explicit GradientRows(const at::Tensor& x_NI);

  /// sums_OI += gradient_NO^T x_NI. The result does not depend on the number of threads.
  ///   sums_OI      float32, contiguous
  ///   gradient_NO  bfloat16, its rows contiguous
  void add_product_(const at::Tensor& sums_OI, const at::Tensor& gradient_NO) const;

 private:
  int64_t num_rows_;
  int64_t padded_rows_;
  int64_t width_;
  at::Tensor blocks_;  ///< pairs of rows, some columns after the others
};

}  // namespace stratagram::model
