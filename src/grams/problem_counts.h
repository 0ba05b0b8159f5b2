// grams/problem_counts.h -- in how many problems each of many grams stands, exactly, in bounded
// memory. A gram has a set of its problems; where all sets together take too much, some grams wait
// for another pass over the documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "grams/id_set.h"

namespace stratagram::grams {

/// Used in rounds, each with everything that is to be counted. Not thread-safe.
class ProblemCounts {
 public:
  /// `max_bytes` bounds the sets, but for those of one gram.
  ProblemCounts(size_t num_grams, uint32_t num_problems, uint64_t max_bytes);

  /// Gram and problem are below the numbers that were given. Does nothing for a gram that is of
  /// another round.
  void add(size_t gram, uint32_t problem);

  /// Ends a round; true when grams are left, so that everything must be added once more.
  [[nodiscard]] bool next_round();

  /// Final once next_round() gave false.
  [[nodiscard]] uint32_t count(size_t gram) const { return counts_[gram]; }

 private:
  void put_off();

  uint32_t num_problems_;
  uint64_t max_bytes_;
  std::vector<uint32_t> counts_;
  size_t begin_ = 0;         ///< grams of this round: as many as there are sets
  std::vector<IdSet> sets_;  ///< of gram begin_ + i
  uint64_t num_bytes_ = 0;   ///< of what the sets hold
};

}  // namespace stratagram::grams
