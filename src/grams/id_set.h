// grams/id_set.h -- a set of small numbers that is only added to and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stratagram::grams {

/// Takes 4 to 16 bytes a number, and never more than a bit for each number below the universe plus
/// what is added between two tidyings. Not thread-safe.
class IdSet {
 public:
  /// `id` is below `universe`, which is the same in every call.
  void insert(uint32_t id, uint32_t universe);

  /// How many different numbers were inserted.
  [[nodiscard]] size_t size() const;

  /// Of memory beyond the object itself.
  [[nodiscard]] size_t num_bytes() const {
    return ids_.capacity() * sizeof(uint32_t) + bits_.capacity() * sizeof(uint64_t);
  }

 private:
  void tidy(uint32_t universe);

  std::vector<uint32_t> ids_;   ///< the first `num_sorted_` rise; after them in order of insertion
  std::vector<uint64_t> bits_;  ///< used instead once ids_ would take more
  size_t num_sorted_ = 0;
};

}  // namespace stratagram::grams
