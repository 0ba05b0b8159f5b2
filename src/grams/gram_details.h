// grams/gram_details.h -- everything that is counted of grams that are known to be frequent, and
// where they stand.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "grams/problem_counts.h"
#include "grams/problem_words.h"
#include "grams/word_spool.h"

namespace stratagram::grams {

/// A place of a gram in the collection.
struct GramPlace {
  uint32_t document = 0;  ///< in the order in which they were added
  uint32_t problem = 0;
  uint32_t first_word = 0;
  /// Keyed draw by gram and problem: the places of the lowest ones are kept, which are in the same
  /// problems whatever the order of the documents.
  uint64_t order = 0;
};

struct GramDetail {
  int64_t count = 0;
  uint32_t num_documents = 0;
  uint32_t num_problems = 0;      ///< known after the last round
  uint32_t num_problem_text = 0;  ///< documents in which it holds an own word of the problem
  uint64_t num_starts = 0;        ///< occurrences that begin a sentence
  uint32_t num_words = 0;
  uint32_t last_document = UINT32_MAX;
  bool marked = false;  ///< num_problem_text holds last_document
  /// By number, rising.
  std::vector<std::pair<uint32_t, uint32_t>> documents_by_source{};
  std::vector<std::pair<uint32_t, uint32_t>> documents_by_step{};
  std::vector<GramPlace> places{};  ///< of different problems, by rising order
};

/// Counts in rounds, each with all documents in the same order. Not thread-safe.
class GramDetails {
 public:
  struct Options {
    uint32_t num_problems = 0;
    size_t max_places = 5;
    GramLengths lengths{};
    uint64_t max_bytes = uint64_t{1} << 30;  ///< for what ProblemCounts bounds
  };

  /// `hashes` rise; theirs is the order of details().
  GramDetails(std::vector<uint64_t> hashes, const Options& options);

  /// Counts a document. `own_words` are those of its problem (ProblemVocabulary::keep_own()).
  void add(const SpooledDocument& document, std::span<const WordHash> own_words);

  /// Ends a round; true when all documents must be added once more. After that details() are whole.
  [[nodiscard]] bool next_round();

  [[nodiscard]] std::span<const uint64_t> hashes() const { return hashes_; }
  [[nodiscard]] std::span<const GramDetail> details() const { return details_; }

 private:
  struct Found {
    HashedGram gram;
    size_t index;
  };

  void find_own_words(const SpooledDocument& document, std::span<const WordHash> own_words);
  void find_grams(const SpooledDocument& document);
  void add_occurrence(const SpooledDocument& document, const HashedGram& gram, size_t index);
  void add_document(const SpooledDocument& document, const HashedGram& gram, GramDetail& detail);
  [[nodiscard]] size_t find(uint64_t hash) const;

  Options options_;
  std::vector<uint64_t> hashes_;
  std::vector<GramDetail> details_;
  std::vector<std::pair<uint64_t, uint32_t>> table_;  ///< hash to index + 1; open addressing
  ProblemCounts problems_;
  bool first_round_ = true;
  uint32_t document_ = 0;
  std::vector<HashedGram> grams_;     ///< of the document
  std::vector<Found> found_;          ///< those of them that are described
  std::vector<uint32_t> own_before_;  ///< own words among the first i words of the document
};

}  // namespace stratagram::grams
