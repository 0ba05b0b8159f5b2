// grams/coverage.h -- how much of responses a catalogue covers, by who wrote them and by training
// step: a catalogue that was frozen once may go stale while a policy learns other words.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "grams/matcher.h"
#include "text/solutions.h"
#include "text/tokenizer.h"

namespace stratagram::grams {

/// What responses are put together by; the order is that of results.
struct CoverageKey {
  std::string source{};
  std::optional<int64_t> step{};
  friend auto operator<=>(const CoverageKey&, const CoverageKey&) = default;
};

/// Sums over responses. Lists are parallel to the catalogue's grams.
struct CoverageSums {
  int64_t responses = 0;
  int64_t words = 0;
  int64_t planning_words = 0;                     ///< that any occurrence covers
  int64_t tokens = 0;                             ///< of responses whose row has token ids
  int64_t planning_tokens = 0;                    ///< of those
  std::array<int64_t, kAllRoles.size()> roles{};  ///< occurrences that count
  std::vector<int64_t> occurrences{};             ///< that count
  std::vector<int64_t> gram_responses{};          ///< that hold the gram, be it inside a longer one

  /// Grams that some response holds.
  [[nodiscard]] int64_t num_grams() const;

  void add(const CoverageSums& other);
};

/// Every response counts, one that came before too. Not thread-safe; the matcher must outlive it.
class Coverage {
 public:
  /// Tokens are counted when there is a tokenizer.
  explicit Coverage(const Matcher& matcher, std::optional<text::Tokenizer> tokenizer = {});

  ///   row    the response's, for its `token_ids`; a row without them has no tokens
  ///   where  "FILE:LINE"
  /// Throws Error(kData) "FILE:LINE: ..." for token ids that are no list of numbers, or that do not
  /// spell the response: the tokenizer is another model's.
  void add(const text::Solution& solution, const nlohmann::json& row, const std::string& where);

  [[nodiscard]] const std::map<CoverageKey, CoverageSums>& groups() const { return groups_; }
  [[nodiscard]] CoverageSums all() const;
  [[nodiscard]] const Catalogue& catalogue() const { return matcher_.catalogue(); }

  /// Responses whose row has token ids, counted without a tokenizer too.
  [[nodiscard]] int64_t num_with_tokens() const { return num_with_tokens_; }

 private:
  void add_tokens(const text::Solution& solution,
                  const nlohmann::json& row,
                  const std::string& where,
                  CoverageSums& sums);

  const Matcher& matcher_;
  std::optional<text::Tokenizer> tokenizer_;
  std::map<CoverageKey, CoverageSums> groups_;
  int64_t num_with_tokens_ = 0;
};

}  // namespace stratagram::grams
