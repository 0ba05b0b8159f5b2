#include "model/cached_kernel.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

// One binary, the widest vectors the machine has. Sanitizers start before the resolver that picks
// the clone may run, so they get the plain code.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STRATAGRAM_CPU_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STRATAGRAM_CPU_CLONES
#endif
#define STRATAGRAM_INLINE __attribute__((always_inline)) inline

namespace stratagram::model {
namespace {

// Sums run in this many lanes, so that a compiler may use vectors without reordering a sum.
constexpr int64_t kLanes = 16;

STRATAGRAM_INLINE float to_float(float x) {
  return x;
}
STRATAGRAM_INLINE float to_float(uint16_t bfloat16) {
  return std::bit_cast<float>(static_cast<uint32_t>(bfloat16) << 16);
}

template <typename T>
STRATAGRAM_INLINE float dot(const float* a, const T* b, int64_t n) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int64_t l = 0; l < kLanes; ++l) lanes[l] += a[i + l] * to_float(b[i + l]);
  }
  for (int64_t l = 0; i < n; ++i, ++l) lanes[l] += a[i] * to_float(b[i]);
  for (int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (int64_t l = 0; l < width; ++l) lanes[l] += lanes[l + width];
  }
  return lanes[0];
}

template <typename T>
STRATAGRAM_INLINE void add_scaled(float* sum, const T* x, float scale, int64_t n) {
  for (int64_t i = 0; i < n; ++i) sum[i] += scale * to_float(x[i]);
}

// One key head's share of one row: the `group` query heads that read it, one after the other.
struct HeadTask {
  const float* queries = nullptr;  // [group, H], already scaled
  float* out = nullptr;            // [group, H]
  const int32_t* blocks = nullptr;
  float* scores = nullptr;  // [group, context]
  int64_t group = 0;
  int64_t context = 0;
  int64_t head_width = 0;
  int64_t block_tokens = 0;
  int64_t slot_stride = 0;  // elements from one slot to the next
};

template <typename T>
STRATAGRAM_INLINE void attend_head(const HeadTask& task, const T* keys, const T* values) {
  const int64_t width = task.head_width;
  const auto row_of = [&](const T* memory, int64_t token) {
    const int64_t slot =
        static_cast<int64_t>(task.blocks[token / task.block_tokens]) * task.block_tokens +
        token % task.block_tokens;
    return memory + slot * task.slot_stride;
  };
  for (int64_t t = 0; t < task.context; ++t) {
    const T* key = row_of(keys, t);
    for (int64_t g = 0; g < task.group; ++g) {
      task.scores[g * task.context + t] = dot(task.queries + g * width, key, width);
    }
  }
  for (int64_t g = 0; g < task.group; ++g) {
    float* scores = task.scores + g * task.context;
    const float highest = *std::max_element(scores, scores + task.context);
    float total = 0;
    for (int64_t t = 0; t < task.context; ++t) {
      scores[t] = std::exp(scores[t] - highest);
      total += scores[t];
    }
    for (int64_t t = 0; t < task.context; ++t) scores[t] /= total;
  }
  std::fill(task.out, task.out + task.group * width, 0.0F);
  for (int64_t t = 0; t < task.context; ++t) {
    const T* value = row_of(values, t);
    for (int64_t g = 0; g < task.group; ++g) {
      add_scaled(task.out + g * width, value, task.scores[g * task.context + t], width);
    }
  }
}

STRATAGRAM_CPU_CLONES void attend_float(const HeadTask& task,
                                        const float* keys,
                                        const float* values) {
  attend_head(task, keys, values);
}

STRATAGRAM_CPU_CLONES void attend_bfloat16(const HeadTask& task,
                                           const uint16_t* keys,
                                           const uint16_t* values) {
  attend_head(task, keys, values);
}

}  // namespace

at::Tensor attend_cached_cpu(const KvCache& cache,
                             const CacheBatch& batch,
                             int64_t layer,
                             const at::Tensor& q_NQH) {
  const int64_t num_rows = q_NQH.size(0);
  const int64_t num_heads = q_NQH.size(1);
  const int64_t num_kv_heads = cache.shape().num_kv_heads;
  const int64_t width = q_NQH.size(2);
  const int64_t group = num_heads / num_kv_heads;
  const at::Tensor scaled_NQH =
      (q_NQH.to(at::kFloat) / std::sqrt(static_cast<double>(width))).contiguous();
  const at::Tensor mixed_NQH = at::zeros({num_rows, num_heads, width}, scaled_NQH.options());
  const auto* queries = scaled_NQH.const_data_ptr<float>();
  auto* mixed = mixed_NQH.mutable_data_ptr<float>();
  const at::Tensor& keys = cache.keys(layer);
  const at::Tensor& values = cache.values(layer);
  const bool is_float = keys.scalar_type() == at::kFloat;

  at::parallel_for(0, num_rows * num_kv_heads, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scores;
    for (int64_t index = begin; index < end; ++index) {
      const int64_t n = index / num_kv_heads;
      const int64_t head = index % num_kv_heads;
      const CacheRow& row = batch.rows[n];
      if (row.sequence < 0) continue;
      scores.resize(std::max<size_t>(scores.size(), group * row.context));
      const int64_t offset = (n * num_heads + head * group) * width;
      const HeadTask task{.queries = queries + offset,
                          .out = mixed + offset,
                          .blocks = batch.blocks[row.sequence].data(),
                          .scores = scores.data(),
                          .group = group,
                          .context = row.context,
                          .head_width = width,
                          .block_tokens = batch.block_tokens,
                          .slot_stride = num_kv_heads * width};
      if (is_float) {
        attend_float(task,
                     keys.const_data_ptr<float>() + head * width,
                     values.const_data_ptr<float>() + head * width);
      } else {
        const auto* key_bits = static_cast<const uint16_t*>(keys.const_data_ptr());
        const auto* value_bits = static_cast<const uint16_t*>(values.const_data_ptr());
        attend_bfloat16(task, key_bits + head * width, value_bits + head * width);
      }
    }
  });
  return mixed_NQH.to(q_NQH.scalar_type());
}

}  // namespace stratagram::model
