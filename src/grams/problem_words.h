// grams/problem_words.h -- which words are a problem's own: its names and quantities. A gram that
// holds one says something of that problem, not of how problems are solved.
//
// Own words of a problem are those that hold a digit, and those that stand in at most 1 % of the
// problems of the collection (in one, of fewer than 200). The rule knows no language and no
// capital letters, which the normal form of words has lost.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grams/word_hash.h"

namespace stratagram::grams {

inline constexpr double kOwnWordShare = 0.01;

/// Different words of a problem's text, rising; kNumberBit marks those that hold a digit.
[[nodiscard]] std::vector<WordHash> words_of_problem(std::string_view problem);

/// In how many problems a word stands. Not thread-safe.
class ProblemVocabulary {
 public:
  /// Counts a problem that did not come before.
  void add(std::span<const WordHash> problem_words);

  /// Keeps the own words of a problem, in the same order, without kNumberBit.
  void keep_own(std::vector<WordHash>& problem_words) const;

 private:
  std::unordered_map<WordHash, uint32_t> num_problems_of_;
  int64_t num_problems_ = 0;
};

}  // namespace stratagram::grams
