// review/state.h -- what reviewers think of each gram: the decisions of a log, replayed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "grams/candidates.h"
#include "review/decision.h"

namespace stratagram::review {

enum class Verdict { kUndecided, kAccepted, kRejected, kMerged };

/// "undecided", "accepted", "rejected", "merged".
[[nodiscard]] const char* verdict_name(Verdict verdict);

/// Of one reviewer, of one gram.
struct Opinion {
  Verdict verdict = Verdict::kUndecided;
  std::optional<grams::Role> role{};  ///< of an accepted gram, once one was assigned
  std::string into{};                 ///< of a merged gram
  friend bool operator==(const Opinion&, const Opinion&) = default;
};

/// By gram.
using Opinions = std::unordered_map<std::string, Opinion>;

struct VerdictCounts {
  int64_t accepted = 0;
  int64_t rejected = 0;
  int64_t merged = 0;
  [[nodiscard]] int64_t decided() const { return accepted + rejected + merged; }
};

/// Reviewers do not see each other here: each decides and takes back for himself. Only grams that
/// were added are there for all, from the moment that someone adds them. Copies are independent.
class ReviewState {
 public:
  explicit ReviewState(std::span<const grams::Candidate> candidates);

  /// Applies one decision; returns the gram whose opinion changed (for kUndo: that of the decision
  /// taken back). Throws Error(kData) "WHERE: ..." and changes nothing where
  ///   the gram, or the one it is merged into, is neither a candidate nor added
  ///   a gram is merged into itself, at once or over others
  ///   an added gram is not normalised, a candidate, or added by this reviewer already
  ///   there is nothing that the reviewer could take back
  std::string apply(const Decision& decision, const std::string& where);

  /// Throws what apply() would.
  void check(const Decision& decision, const std::string& where) const;

  /// kUndecided for a gram or a reviewer that never came up.
  [[nodiscard]] Opinion opinion(const std::string& reviewer, const std::string& gram) const;

  /// All that this reviewer ever had an opinion on; kUndecided where it was taken back.
  [[nodiscard]] const Opinions& opinions(const std::string& reviewer) const;

  /// Candidate, or added by someone.
  [[nodiscard]] bool knows(const std::string& gram) const;

  /// Whether someone has a decision on the gram that is not taken back.
  [[nodiscard]] bool is_held(const std::string& gram) const;

  /// Over the grams that this reviewer decided.
  [[nodiscard]] VerdictCounts counts(const std::string& reviewer) const;

  /// Those with a decision, taken back or not, in the order of their first one.
  [[nodiscard]] std::span<const std::string> reviewers() const { return reviewers_; }

  /// Grams that were added and that someone holds an opinion on, in the order they were added.
  [[nodiscard]] std::vector<std::string> added() const;

 private:
  struct Change {
    std::string gram;
    Opinion before;
  };
  struct Ledger {  ///< of one reviewer
    Opinions opinions;
    std::vector<Change> changes;
  };
  [[nodiscard]] const Opinion* find(const std::string& reviewer, const std::string& gram) const;
  [[nodiscard]] const Change& last_change(const std::string& reviewer,
                                          const std::string& where) const;
  [[nodiscard]] Opinion wanted(const Decision& decision, const std::string& where) const;
  void check_gram(const std::string& gram, const std::string& where) const;
  void check_added(const Decision& decision, const std::string& where) const;
  void check_merge(const Decision& decision, const std::string& where) const;

  std::shared_ptr<const std::unordered_set<std::string>> candidates_;
  std::vector<std::string> added_;
  std::vector<std::string> reviewers_;
  std::map<std::string, Ledger> ledgers_;
};

}  // namespace stratagram::review
