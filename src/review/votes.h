// review/votes.h -- what selections say of each gram: help for the person who decides.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "grams/candidates.h"
#include "grams/selection.h"

namespace stratagram::review {

/// Of all selections together, on one gram. One that does not mention the gram has no say in it.
struct Tally {
  std::vector<std::optional<bool>> strategic{};  ///< by selection
  std::optional<grams::Role> role{};             ///< of the first that assigns one
  int64_t cluster = -1;                          ///< of the first that has one; below 0: none
  std::string cluster_name{};

  [[nodiscard]] int64_t num_for() const;
  [[nodiscard]] int64_t num_against() const;

  /// 0 where all that have a say agree, 1 where they are split in halves; 0 for none.
  [[nodiscard]] double disagreement() const;
};

/// Immutable. Keeps the selections' order: what "the first" says is what counts.
class Votes {
 public:
  /// Throws Error(kConfig) for a selection that was made from another corpus.
  Votes(std::span<const grams::Selection> selections, const grams::CandidateList& candidates);

  /// One name a selection: its method, with a number where two have the same.
  [[nodiscard]] std::span<const std::string> names() const { return names_; }

  [[nodiscard]] Tally tally(const std::string& gram) const;

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::vector<std::optional<grams::Choice>>> choices_;
};

}  // namespace stratagram::review
