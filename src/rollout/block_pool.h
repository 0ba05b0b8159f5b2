// rollout/block_pool.h -- which blocks of key and value memory are free, and how many sequences use
// each. Numbers only; the memory is model/kv_cache.h.
#pragma once

#include <cstdint>
#include <vector>

namespace stratagram::rollout {

/// Not thread-safe.
class BlockPool {
 public:
  explicit BlockPool(int64_t num_blocks);

  /// Blocks that nobody uses and nobody reserved.
  [[nodiscard]] int64_t num_available() const { return num_free() - reserved_; }
  [[nodiscard]] int64_t num_free() const { return static_cast<int64_t>(free_.size()); }
  [[nodiscard]] int64_t num_blocks() const { return static_cast<int64_t>(users_.size()); }

  /// Sets blocks aside for later take() calls. Throws Error(kInternal) beyond num_available().
  void reserve(int64_t count);
  /// Gives back what was reserved and not taken.
  void unreserve(int64_t count);

  /// A reserved block with one user. Throws Error(kInternal) when nothing is reserved.
  [[nodiscard]] int32_t take();
  /// One more user of a block in use.
  void share(int32_t block);
  /// One user less; at none the block is free again. Throws Error(kInternal) for a free block.
  void release(int32_t block);

  [[nodiscard]] int32_t users(int32_t block) const { return users_.at(block); }

 private:
  std::vector<int32_t> free_;
  std::vector<int32_t> users_;
  int64_t reserved_ = 0;
};

}  // namespace stratagram::rollout
