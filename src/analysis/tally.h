// analysis/tally.h -- what is kept of responses: counts by problem, never text. Everything that is
// measured is a function of sums of these, so that problems can be drawn again for an interval.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "analysis/lenses.h"
#include "grams/catalogue.h"
#include "metrics/fork_histogram.h"
#include "metrics/token_sums.h"

namespace stratagram::analysis {

inline constexpr size_t kNumRoles = 4;
inline constexpr size_t kNumTenths = 10;

/// Numbers of what a response may use: the grams of the catalogue, then its roles, then anything.
[[nodiscard]] inline size_t use_of_role(size_t num_grams, size_t role) {
  return num_grams + role;
}
[[nodiscard]] inline size_t use_of_any(size_t num_grams) {
  return num_grams + kNumRoles;
}
[[nodiscard]] inline size_t num_uses(size_t num_grams) {
  return num_grams + kNumRoles + 1;
}

/// Responses that use one of those. "Labelled" are those known to be correct or wrong.
struct UseTally {
  int64_t responses = 0;
  int64_t labelled = 0;
  int64_t correct = 0;
  double log_words = 0;  ///< sum over the labelled ones
};

/// Numbers of different (gram, what follows) pairs, as they come. Not thread-safe.
class PairIds {
 public:
  [[nodiscard]] int32_t id_of(const FollowerKey& key);
  /// The gram of each id.
  [[nodiscard]] std::span<const int32_t> grams() const { return grams_; }

 private:
  std::unordered_map<uint64_t, int32_t> ids_;
  std::vector<int32_t> grams_;
};

/// One response's tokens as one lens sees them; parallel lists.
struct SeenTokens {
  std::span<const float> logprobs;
  std::span<const float> entropies;
  std::vector<uint8_t> mask;  ///< 1 on planning tokens
};

/// What every lens says alike of one response.
struct ResponseFacts {
  int64_t num_words = 0;
  std::optional<bool> correct{};
  std::optional<bool> truncated{};
};

/// All responses of one problem in one group, through one lens.
struct ProblemTally {
  int64_t responses = 0;
  int64_t labelled = 0;
  int64_t correct = 0;
  int64_t finished = 0;  ///< responses of which it is known how they ended
  int64_t truncated = 0;
  int64_t words = 0;
  int64_t planning_words = 0;
  double log_words = 0;  ///< sums over labelled responses: of the log of the length in words,
  double log_words_squared = 0;  ///< of its square,
  double log_words_correct = 0;  ///< and over the correct ones among them
  double position = 0;           ///< sum over counted occurrences
  std::array<int64_t, kNumTenths> tenths{};
  std::array<int64_t, kNumRoles * kNumRoles> transitions{};  ///< from * kNumRoles + to
  std::map<int32_t, int64_t> occurrences{};                  ///< counted ones, by gram
  std::map<int32_t, UseTally> uses{};
  std::vector<int32_t> followers{};  ///< a pair id for each occurrence that something followed
  int64_t token_responses = 0;       ///< responses with tokens
  metrics::TokenSums planning{};
  metrics::TokenSums execution{};
  metrics::EntropyHistogram all_entropies{};
  metrics::EntropyHistogram planning_entropies{};

  /// Adds one response.
  ///   lens 0 alone keeps all_entropies, which are the same for each
  void add(const ResponseFacts& facts,
           const Sighting& sighting,
           const grams::Catalogue& catalogue,
           PairIds& pairs);
  void add_tokens(const SeenTokens& tokens, bool keep_all);
};

}  // namespace stratagram::analysis
