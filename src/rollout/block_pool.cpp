#include "rollout/block_pool.h"

#include "core/error.h"

namespace stratagram::rollout {

BlockPool::BlockPool(int64_t num_blocks) : users_(num_blocks, 0) {
  free_.reserve(num_blocks);
  for (int64_t block = num_blocks; block > 0; --block) {
    free_.push_back(static_cast<int32_t>(block - 1));
  }
}

void BlockPool::reserve(int64_t count) {
  STRATAGRAM_CHECK(count >= 0 && count <= num_available(),
                   "reserve {} blocks: {} are available",
                   count,
                   num_available());
  reserved_ += count;
}

void BlockPool::unreserve(int64_t count) {
  STRATAGRAM_CHECK(
      count >= 0 && count <= reserved_, "unreserve {} blocks: {} are reserved", count, reserved_);
  reserved_ -= count;
}

int32_t BlockPool::take() {
  STRATAGRAM_CHECK(reserved_ > 0 && !free_.empty(),
                   "take a block: {} are reserved, {} free",
                   reserved_,
                   free_.size());
  --reserved_;
  const int32_t block = free_.back();
  free_.pop_back();
  users_[block] = 1;
  return block;
}

void BlockPool::share(int32_t block) {
  STRATAGRAM_CHECK(users_.at(block) > 0, "share block {}: it is free", block);
  ++users_[block];
}

void BlockPool::release(int32_t block) {
  STRATAGRAM_CHECK(users_.at(block) > 0, "release block {}: it is free", block);
  if (--users_[block] == 0) free_.push_back(block);
}

}  // namespace stratagram::rollout
