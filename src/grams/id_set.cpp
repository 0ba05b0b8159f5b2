#include "grams/id_set.h"

#include <algorithm>
#include <bit>

namespace stratagram::grams {
namespace {

constexpr size_t kSmall = 16;

size_t count_different(std::vector<uint32_t> ids) {
  std::ranges::sort(ids);
  return static_cast<size_t>(std::unique(ids.begin(), ids.end()) - ids.begin());
}

}  // namespace

void IdSet::insert(uint32_t id, uint32_t universe) {
  if (!bits_.empty()) {
    bits_[id / 64] |= uint64_t{1} << (id % 64);
    return;
  }
  if (!ids_.empty() && ids_.back() == id) return;
  if (ids_.size() >= kSmall && ids_.size() >= 2 * num_sorted_) tidy(universe);
  if (!bits_.empty()) {
    insert(id, universe);
    return;
  }
  ids_.push_back(id);
}

void IdSet::tidy(uint32_t universe) {
  std::ranges::sort(ids_);
  ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
  num_sorted_ = std::max(ids_.size(), kSmall / 2);
  if (ids_.size() * 32 < universe) return;
  bits_.resize((size_t{universe} + 63) / 64);
  for (const uint32_t id : ids_) bits_[id / 64] |= uint64_t{1} << (id % 64);
  ids_.clear();
  ids_.shrink_to_fit();
}

size_t IdSet::size() const {
  if (bits_.empty()) return count_different(ids_);
  size_t count = 0;
  for (const uint64_t word : bits_) count += static_cast<size_t>(std::popcount(word));
  return count;
}

}  // namespace stratagram::grams
