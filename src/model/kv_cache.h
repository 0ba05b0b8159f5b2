// model/kv_cache.h -- key and value memory of one model, in blocks of tokens.
//
// Storage only. Which slot holds which token is decided in rollout/block_pool.h; nothing here knows
// of sequences. Token t of block b is slot b * block_tokens + t.
//
// N tokens in this call, S slots in B blocks of T tokens, K key/value heads, H head width.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace stratagram::model {

struct KvCacheShape {
  int64_t num_layers = 0;
  int64_t num_blocks = 0;
  int64_t block_tokens = 0;
  int64_t num_kv_heads = 0;
  int64_t head_width = 0;

  [[nodiscard]] int64_t num_slots() const { return num_blocks * block_tokens; }
  /// Keys and values of all layers together.
  [[nodiscard]] int64_t bytes(at::ScalarType dtype) const;
};

/// Not thread-safe: one engine owns one cache.
class KvCache {
 public:
  /// Allocates everything now, so a run that fits its first step fits its last. Throws Error:
  /// kConfig if a count is below 1; kDevice, with the bytes wanted, when the allocation fails.
  KvCache(const KvCacheShape& shape, const at::TensorOptions& options);

  /// Stores one layer's keys and values for N tokens; rows already at those slots are replaced.
  ///   slots_N              int64, on this cache's device, each in [0, S), no two equal
  ///   keys_NKH values_NKH  this cache's dtype; keys come rotated (after RoPE); any strides
  /// Throws Error(kInternal) naming the argument, what was wanted and what came.
  void write(int64_t layer,
             const at::Tensor& slots_N,
             const at::Tensor& keys_NKH,
             const at::Tensor& values_NKH);

  /// Copies block `from` of every layer to block `to`.
  void copy_block(int64_t from, int64_t to);

  /// What was written to some slots: keys and values, [N, K, H] each. slots_N as for write().
  [[nodiscard]] std::pair<at::Tensor, at::Tensor> read(int64_t layer,
                                                       const at::Tensor& slots_N) const;

  /// [B, K, H, T]: the tokens of a block lie side by side, so that a query meets a vector of them.
  /// Aliases the cache. Unwritten slots hold zeros or what was there before.
  [[nodiscard]] const at::Tensor& keys(int64_t layer) const { return keys_.at(layer); }
  /// [B, K, T, H]
  [[nodiscard]] const at::Tensor& values(int64_t layer) const { return values_.at(layer); }
  [[nodiscard]] const KvCacheShape& shape() const { return shape_; }

 private:
  KvCacheShape shape_;
  std::vector<at::Tensor> keys_;
  std::vector<at::Tensor> values_;
};

}  // namespace stratagram::model
