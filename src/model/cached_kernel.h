// model/cached_kernel.h -- the CPU kernel behind CachedAttention.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/cached_attention.h"

namespace stratagram::model {

/// As attend_cached_reference, for float32 and bfloat16 on the CPU; sums in float32, in an order
/// that depends on nothing but the context length. Rows run on libtorch's threads.
[[nodiscard]] at::Tensor attend_cached_cpu(const KvCache& cache,
                                           const CacheBatch& batch,
                                           int64_t layer,
                                           const at::Tensor& q_NQH);

}  // namespace stratagram::model
