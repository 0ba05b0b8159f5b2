#include "model/block_products.h"

#include <ATen/native/CPUBlas.h>

namespace stratagram::model {
namespace {

namespace cpublas = at::native::cpublas;

const at::BFloat16* as_bfloat16(const void* x) {
  return static_cast<const at::BFloat16*>(x);
}

}  // namespace

bool has_block_products(const at::Tensor& x) {
  static const bool could_pack = cpublas::could_pack(at::kBFloat16);
  return could_pack && x.device().is_cpu() && x.scalar_type() == at::kBFloat16;
}

void BlockProduct::run(const uint16_t* a, const uint32_t* b, float* c) const {
  cpublas::brgemm(m, n, k, a_stride, b_stride, c_stride, adds, as_bfloat16(a), as_bfloat16(b), c);
}

ReleasesBlockProducts::~ReleasesBlockProducts() {
  cpublas::brgemm_release();
}

}  // namespace stratagram::model
