// grams/counted_solutions.h -- which solutions count when grams are counted: the one place of that
// rule. A solution that came before (same problem, same normalised words) does not, nor one that is
// not known to be correct where only correct ones are wanted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>

#include "text/solutions.h"

namespace stratagram::grams {

/// Memory grows by about 100 bytes a solution. Not thread-safe.
class CountedSolutions {
 public:
  CountedSolutions(text::SolutionReader reader, bool only_correct);

  /// The next solution that counts, or none at the end. Throws like SolutionReader::next().
  [[nodiscard]] std::optional<text::Solution> next();

  [[nodiscard]] int64_t num_documents() const { return num_documents_; }
  [[nodiscard]] int64_t num_duplicates() const { return num_duplicates_; }
  [[nodiscard]] int64_t num_wrong() const { return num_wrong_; }

 private:
  text::SolutionReader reader_;
  bool only_correct_;
  std::unordered_set<std::string> seen_;  ///< digests
  int64_t num_documents_ = 0;
  int64_t num_duplicates_ = 0;
  int64_t num_wrong_ = 0;
};

}  // namespace stratagram::grams
