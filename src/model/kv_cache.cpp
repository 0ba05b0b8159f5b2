#include "model/kv_cache.h"

#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"

namespace stratagram::model {

int64_t KvCacheShape::bytes(at::ScalarType dtype) const {
  return 2 * num_layers * num_slots * num_kv_heads * head_width *
         static_cast<int64_t>(c10::elementSize(dtype));
}

KvCache::KvCache(const KvCacheShape& shape, const at::TensorOptions& options) : shape_(shape) {
  if (std::min({shape.num_layers, shape.num_slots, shape.num_kv_heads, shape.head_width}) < 1) {
    fail(ErrorKind::kConfig,
         "KV cache: wanted counts of at least 1, got {} layers, {} slots, {} heads of width {}",
         shape.num_layers,
         shape.num_slots,
         shape.num_kv_heads,
         shape.head_width);
  }
  try {
    for (int64_t layer = 0; layer < shape.num_layers; ++layer) {
      for (auto* half : {&keys_, &values_}) {
        half->push_back(
            at::zeros({shape.num_slots, shape.num_kv_heads, shape.head_width}, options));
      }
    }
  } catch (const c10::Error& error) {
    fail(ErrorKind::kDevice,
         "KV cache: {} bytes for {} slots cannot be had ({}); lower rollout.max_sequences or the "
         "length budget",
         shape.bytes(c10::typeMetaToScalarType(options.dtype())),
         shape.num_slots,
         error.what_without_backtrace());
  }
}

void KvCache::write(int64_t layer,
                    const at::Tensor& slots_N,
                    const at::Tensor& keys_NKH,
                    const at::Tensor& values_NKH) {
  const auto check = [&](const char* name, const at::Tensor& x) {
    STRATAGRAM_CHECK(x.dim() == 3 && x.size(0) == slots_N.size(0) &&
                         x.size(1) == shape_.num_kv_heads && x.size(2) == shape_.head_width &&
                         x.scalar_type() == keys_.at(layer).scalar_type(),
                     "KvCache::write: {}: wanted [{}, {}, {}] {}, got {} {}",
                     name,
                     slots_N.size(0),
                     shape_.num_kv_heads,
                     shape_.head_width,
                     c10::toString(keys_.at(layer).scalar_type()),
                     x.sizes().vec(),
                     c10::toString(x.scalar_type()));
  };
  check("keys", keys_NKH);
  check("values", values_NKH);
  keys_.at(layer).index_copy_(0, slots_N, keys_NKH);
  values_.at(layer).index_copy_(0, slots_N, values_NKH);
}

void KvCache::copy(int64_t from, int64_t to, int64_t count) {
  for (int64_t layer = 0; layer < shape_.num_layers; ++layer) {
    for (const auto* half : {&keys_, &values_}) {
      const at::Tensor& memory = half->at(layer);
      memory.narrow(0, to, count).copy_(memory.narrow(0, from, count));
    }
  }
}

}  // namespace stratagram::model
