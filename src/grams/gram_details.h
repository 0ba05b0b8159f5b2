// grams/gram_details.h -- everything that is counted of grams that are known to be frequent, and
// where they stand.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "grams/id_set.h"
#include "grams/problem_words.h"
#include "grams/word_spool.h"

namespace stratagram::grams {

/// A place of a gram in the collection.
struct GramPlace {
  uint32_t document = 0;  ///< in the order in which they were added
  uint32_t problem = 0;
  uint32_t first_word = 0;
  uint64_t order = 0;  ///< keyed draw by gram and problem: the places of the lowest ones are kept
};

struct GramDetail {
  int64_t count = 0;
  uint32_t num_documents = 0;
  uint32_t num_problem_text = 0;  ///< documents in which it holds an own word of the problem
  uint64_t num_starts = 0;        ///< occurrences that begin a sentence
  uint32_t num_words = 0;
  uint32_t last_document = UINT32_MAX;
  bool marked = false;  ///< num_problem_text holds last_document
  IdSet problems{};
  std::vector<std::pair<uint32_t, uint32_t>> documents_by_source{};
  std::vector<std::pair<int64_t, uint32_t>> documents_by_step{};
  std::vector<GramPlace> places{};  ///< of different problems, by rising order
};

/// Not thread-safe.
class GramDetails {
 public:
  struct Options {
    uint32_t num_problems = 0;
    size_t max_places = 5;
    GramLengths lengths{};
  };

  /// `hashes` rise; theirs is the order of details().
  GramDetails(std::vector<uint64_t> hashes, const Options& options);

  /// Counts a document. `own_words` are those of its problem (ProblemVocabulary::keep_own()).
  void add(const SpooledDocument& document, std::span<const WordHash> own_words);

  [[nodiscard]] std::span<const uint64_t> hashes() const { return hashes_; }
  [[nodiscard]] std::vector<GramDetail>& details() { return details_; }

 private:
  void add_occurrence(const SpooledDocument& document, const HashedGram& gram, GramDetail& detail);
  void add_document(const SpooledDocument& document, const HashedGram& gram, GramDetail& detail);
  [[nodiscard]] size_t find(uint64_t hash) const;

  Options options_;
  std::vector<uint64_t> hashes_;
  std::vector<GramDetail> details_;
  std::vector<std::pair<uint64_t, uint32_t>> table_;  ///< hash to index + 1; open addressing
  uint32_t document_ = 0;
  std::vector<HashedGram> grams_;
  std::vector<uint32_t> own_before_;  ///< own words among the first i words of the document
};

}  // namespace stratagram::grams
