// grams/candidates.h -- n-grams of a collection of solutions with what was counted of each: what
// mining writes, and what selecting, annotating and reviewing read.
//
// The file is JSON Lines: a head, then a candidate a line, by falling document frequency, then by
// text. The head holds the format, the normaliser's version and what was read; its digest covers
// the texts, so that every list made from this one can name its corpus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace stratagram::grams {

/// Where a candidate stands in a solution, cut to the words around it.
struct Context {
  std::string before{};
  std::string gram{};  ///< as the text spells it
  std::string after{};
  friend bool operator==(const Context&, const Context&) = default;
};

/// A solution that came twice (same problem, same words) counts once in everything here.
struct Candidate {
  std::string text;                ///< normalised words, one space between them
  int64_t count = 0;               ///< occurrences, overlapping ones too
  int64_t document_frequency = 0;  ///< solutions that hold it
  int64_t problem_frequency = 0;   ///< problems (text::problem_key) with such a solution
  /// Solutions in which a word of the gram is a name or a quantity of the problem: a number of it,
  /// or one of its words that is rare in the whole collection.
  int64_t problem_text_frequency = 0;
  int64_t sentence_starts = 0;  ///< occurrences that begin a sentence: a break before, or the text
  std::map<std::string, int64_t> by_source{};  ///< document frequency by who wrote it
  std::map<int64_t, int64_t> by_step{};        ///< document frequency by training step
  std::vector<Context> contexts{};             ///< up to 5, of different problems
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// More than half of the solutions that hold it hold text of their problem in it.
[[nodiscard]] inline bool is_problem_text(const Candidate& candidate) {
  return 2 * candidate.problem_text_frequency > candidate.document_frequency;
}

/// What was read.
struct Corpus {
  std::string digest{};       ///< SHA-256 over the texts that counted, in order
  int64_t num_documents = 0;  ///< solutions that counted
  int64_t num_problems = 0;
  int64_t num_words = 0;
  int64_t num_duplicates = 0;                  ///< solutions left out because they came before
  int64_t num_wrong = 0;                       ///< left out, as only correct ones were wanted
  std::map<std::string, int64_t> by_source{};  ///< documents by who wrote them
  std::map<int64_t, int64_t> by_step{};        ///< documents by training step
  friend bool operator==(const Corpus&, const Corpus&) = default;
};

struct CandidateList {
  Corpus corpus;
  nlohmann::json mining;  ///< the options that made it, for people
  std::vector<Candidate> candidates;

  /// Throws Error(kData) "FILE:LINE: ..." for broken JSON, another format or normaliser version, a
  /// gram that has not 1 to 6 normalised words or came before, and counts that contradict each
  /// other (a document frequency above the count or above the number of documents).
  static CandidateList load(const std::filesystem::path& file);

  /// Writes atomically; what is there is never written over (Error(kConfig)).
  void save(const std::filesystem::path& file) const;
};

}  // namespace stratagram::grams
