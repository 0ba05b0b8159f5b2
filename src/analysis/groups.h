// analysis/groups.h -- the responses of an analysis by group and problem, through every lens.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "analysis/config.h"
#include "analysis/lenses.h"
#include "analysis/tally.h"
#include "text/solutions.h"

namespace stratagram::analysis {

/// What tells groups apart; their order is that of results.
struct GroupKey {
  std::string source{};  ///< or the file
  std::optional<int64_t> step{};
  bool for_comparison = false;  ///< a source of --compare, whatever the others are put together by

  [[nodiscard]] std::string label() const;
  friend bool operator<(const GroupKey& a, const GroupKey& b) {
    return std::tie(a.for_comparison, a.source, a.step) <
           std::tie(b.for_comparison, b.source, b.step);
  }
};

struct Group {
  std::unordered_map<uint64_t, size_t> problems{};   ///< place of each problem, by hash of its key
  std::vector<std::vector<ProblemTally>> by_lens{};  ///< [lens][problem]
};

/// Memory grows with groups, problems and occurrences of grams, not with the text. Not thread-safe.
class Groups {
 public:
  /// `lenses` must outlive the object.
  Groups(const Lenses& lenses, AnalysisConfig config);

  /// A response of no known problem is a problem of its own.
  void add(const text::Solution& solution, const std::string& file);

  [[nodiscard]] const std::map<GroupKey, Group>& all() const { return groups_; }
  [[nodiscard]] const Lenses& lenses() const { return lenses_; }
  [[nodiscard]] const AnalysisConfig& config() const { return config_; }
  [[nodiscard]] std::span<const int32_t> gram_of_pair(size_t lens) const {
    return pairs_[lens].grams();
  }
  [[nodiscard]] int64_t num_responses() const { return num_responses_; }

 private:
  [[nodiscard]] std::vector<GroupKey> keys_of(const text::Solution& solution,
                                              const std::string& file) const;

  const Lenses& lenses_;
  AnalysisConfig config_;
  std::map<GroupKey, Group> groups_;
  std::vector<PairIds> pairs_;  ///< one a lens
  int64_t num_responses_ = 0;
};

}  // namespace stratagram::analysis
