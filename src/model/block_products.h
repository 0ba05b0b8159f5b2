// model/block_products.h -- products of bfloat16 with float32 sums, a block of each factor at a
// time, by the kernels of oneDNN that libtorch makes for the processor's matrix units.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stratagram::model {

/// True for bfloat16 on a CPU with AMX: elsewhere libtorch offers these kernels for no bfloat16.
[[nodiscard]] bool has_block_products(const at::Tensor& x);

/// One call of a kernel: c [M, N] = a [M, K] b, or c += a b, in float32. K and N have few values in
/// a program: a kernel is made for each. Between calls the processor's matrix unit stays in use by
/// the thread, which holds a ReleasesBlockProducts around them.
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

/// Gives the matrix unit back when it goes.
class ReleasesBlockProducts {
 public:
  ReleasesBlockProducts() = default;
  ~ReleasesBlockProducts();
  ReleasesBlockProducts(const ReleasesBlockProducts&) = delete;
  ReleasesBlockProducts& operator=(const ReleasesBlockProducts&) = delete;
};

}  // namespace stratagram::model
