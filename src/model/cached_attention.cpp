#include "model/cached_attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "core/error.h"
#include "model/cached_kernel.h"
#include "model/elements.h"

namespace stratagram::model {
namespace {

int64_t slot_of(const CacheBatch& batch, const CacheRow& row, int64_t token, int64_t block_tokens) {
  const std::vector<int32_t>& blocks = batch.blocks.at(row.sequence);
  return blocks.at(token / block_tokens) * block_tokens + token % block_tokens;
}

}  // namespace

CachedAttention::CachedAttention(KvCache& cache, const CacheBatch& batch)
    : cache_(cache), batch_(batch) {
  const int64_t block_tokens = cache.shape().block_tokens;
  std::vector<int64_t> slots;
  std::vector<int64_t> rows;
  for (size_t n = 0; n < batch.rows.size(); ++n) {
    const CacheRow& row = batch.rows[n];
    if (row.sequence < 0) continue;
    const auto num_blocks = static_cast<int64_t>(batch.blocks.at(row.sequence).size());
    STRATAGRAM_CHECK(row.context >= 1 && row.context <= num_blocks * block_tokens,
                     "CachedAttention: row {} sees {} tokens, its {} blocks of {} hold {}",
                     n,
                     row.context,
                     num_blocks,
                     block_tokens,
                     num_blocks * block_tokens);
    const int64_t slot = slot_of(batch, row, row.context - 1, block_tokens);
    STRATAGRAM_CHECK(slot >= 0 && slot < cache.shape().num_slots(),
                     "CachedAttention: row {} writes slot {} of {}",
                     n,
                     slot,
                     cache.shape().num_slots());
    slots.push_back(slot);
    rows.push_back(static_cast<int64_t>(n));
  }
  slots_W_ = at::tensor(slots, at::TensorOptions().dtype(at::kLong)).to(cache.keys(0).device());
  rows_W_ = at::tensor(rows, at::TensorOptions().dtype(at::kLong)).to(cache.keys(0).device());
}

at::Tensor CachedAttention::attend(int64_t layer,
                                   const at::Tensor& q_NQH,
                                   const at::Tensor& k_NKH,
                                   const at::Tensor& v_NKH) {
  STRATAGRAM_CHECK(q_NQH.size(0) == static_cast<int64_t>(batch_.rows.size()),
                   "CachedAttention: wanted {} rows, got {}",
                   batch_.rows.size(),
                   q_NQH.size(0));
  if (rows_W_.numel() == 0) return at::zeros_like(q_NQH);
  const bool all_rows = rows_W_.size(0) == q_NQH.size(0);
  cache_.write(layer,
               slots_W_,
               all_rows ? k_NKH : k_NKH.index_select(0, rows_W_),
               all_rows ? v_NKH : v_NKH.index_select(0, rows_W_));
  if (has_kernels(q_NQH)) return attend_cached_cpu(cache_, batch_, layer, q_NQH);
  return attend_cached_reference(cache_, batch_, layer, q_NQH);
}

at::Tensor attend_cached_reference(const KvCache& cache,
                                   const CacheBatch& batch,
                                   int64_t layer,
                                   const at::Tensor& q_NQH) {
  at::Tensor mixed_NQH = at::zeros_like(q_NQH);
  for (size_t n = 0; n < batch.rows.size(); ++n) {
    const CacheRow& row = batch.rows[n];
    if (row.sequence < 0) continue;
    std::vector<int64_t> slots(row.context);
    for (int64_t t = 0; t < row.context; ++t) {
      slots[t] = slot_of(batch, row, t, cache.shape().block_tokens);
    }
    const auto [keys_TKH, values_TKH] = cache.read(
        layer, at::tensor(slots, at::TensorOptions().dtype(at::kLong)).to(q_NQH.device()));
    const auto heads = [&](const at::Tensor& x_TKH) {
      return repeat_kv_heads(x_TKH, q_NQH.size(1)).transpose(0, 1).unsqueeze(0);
    };
    const auto index = static_cast<int64_t>(n);
    const at::Tensor q_1Q1H = q_NQH.narrow(0, index, 1).transpose(0, 1).unsqueeze(0);
    const at::Tensor mixed =
        at::scaled_dot_product_attention(q_1Q1H, heads(keys_TKH), heads(values_TKH));
    mixed_NQH.narrow(0, index, 1).copy_(mixed.squeeze(0).transpose(0, 1));
  }
  return mixed_NQH;
}

}  // namespace stratagram::model
