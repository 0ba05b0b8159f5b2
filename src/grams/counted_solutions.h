// grams/counted_solutions.h -- which solutions count when grams are counted: the one place of that
// rule. A solution that came before (same problem, same normalised words) does not, nor one that is
// not known to be correct where only correct ones are wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "grams/word_hash.h"
#include "text/solutions.h"

namespace stratagram::grams {

/// Memory grows by about 50 bytes a solution. Not thread-safe.
class CountedSolutions {
 public:
  CountedSolutions(text::SolutionReader reader, bool only_correct);

  /// The next solution that counts, or none at the end. Throws like SolutionReader::next(),
  /// and Error(kInterrupted).
  [[nodiscard]] std::optional<text::Solution> next();

  /// Its words.
  [[nodiscard]] std::span<const WordHash> words() const { return words_; }

  [[nodiscard]] int64_t num_rows() const { return num_rows_; }  ///< that were read
  [[nodiscard]] int64_t num_documents() const { return num_documents_; }
  [[nodiscard]] int64_t num_duplicates() const { return num_duplicates_; }
  [[nodiscard]] int64_t num_wrong() const { return num_wrong_; }

  /// SHA-256 over the texts that counted, in order; asked once, when next() has given the last.
  [[nodiscard]] std::string digest() { return digest_.finish(); }

 private:
  using Key = std::pair<uint64_t, uint64_t>;
  struct FirstHalf {
    size_t operator()(const Key& key) const { return key.first; }
  };

  [[nodiscard]] Key key_of(const text::Solution& solution) const;

  text::SolutionReader reader_;
  bool only_correct_;
  std::unordered_set<Key, FirstHalf> seen_;
  std::vector<WordHash> words_;
  Sha256 digest_;
  int64_t num_rows_ = 0;
  int64_t num_documents_ = 0;
  int64_t num_duplicates_ = 0;
  int64_t num_wrong_ = 0;
};

}  // namespace stratagram::grams
