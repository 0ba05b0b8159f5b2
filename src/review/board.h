// review/board.h -- what a page shows of the grams under review: a list in the order that is asked
// for, rows of it, and how far the review is.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "grams/candidates.h"
#include "review/desk.h"
#include "review/votes.h"

namespace stratagram::review {

enum class Order { kDocuments, kDisagreement, kText };
enum class Show { kAll, kUndecided, kAccepted, kRejected, kMerged, kDisputed };

struct ListQuery {
  Order order = Order::kDocuments;
  Show show = Show::kAll;
  std::string search{};  ///< words or parts of them, all of which a gram must hold; any case
};

/// Numbers grams: candidates from 0 in their order, then those that were added. A gram keeps its
/// number while the object lives. Not thread-safe; all that it is given outlives it.
class Board {
 public:
  Board(const grams::CandidateList& candidates, const Votes& votes, Desk& desk);

  /// Numbers of the grams that match. Of an added gram that is taken back: only while it is held.
  [[nodiscard]] std::vector<int64_t> list(const ListQuery& query);

  /// All of one gram, for the page. What other reviewers decided is in it only once this one
  /// decided too, so that their agreement is that of independent opinions. Throws Error(kData) for
  /// a number that no gram has.
  [[nodiscard]] nlohmann::ordered_json row(int64_t number) const;

  /// Counts of this reviewer's decisions, and the agreement with each selection and each other
  /// reviewer: Cohen's kappa of "accepted or not" over the grams that both decided.
  [[nodiscard]] nlohmann::ordered_json progress() const;

  /// Like Desk::decide(); returns the number of the gram whose opinion changed.
  int64_t decide(Decision decision);

  /// Up to `limit` grams that hold `text`, those with most documents first, one of that very text
  /// before all others; for choosing what to merge into.
  [[nodiscard]] std::vector<int64_t> matches(const std::string& text, size_t limit);

  [[nodiscard]] const std::string& text(int64_t number) const;
  [[nodiscard]] const Desk& desk() const { return *desk_; }
  [[nodiscard]] const Votes& votes() const { return *votes_; }

  /// In [0, 1]: how far selections are from agreeing on the gram, or the reviewers, once this one
  /// decided; the larger of the two.
  [[nodiscard]] double disagreement(const std::string& gram) const;

 private:
  void take_up_added();
  [[nodiscard]] bool shows(int64_t number, const ListQuery& query) const;
  [[nodiscard]] nlohmann::ordered_json others_of(const std::string& gram) const;

  const grams::CandidateList* candidates_;
  const Votes* votes_;
  Desk* desk_;
  std::vector<std::string> texts_;  ///< by number
  std::unordered_map<std::string, int64_t> numbers_;
};

}  // namespace stratagram::review
