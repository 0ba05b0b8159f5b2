// review/desk.h -- where one reviewer decides on candidates: each decision is checked, logged, and
// holds from then on.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "grams/candidates.h"
#include "review/decision.h"
#include "review/row_log.h"
#include "review/state.h"

namespace stratagram::review {

/// The state that a log says, read without owning it. Throws like read_log() and
/// ReviewState::apply().
[[nodiscard]] ReviewState replay(const grams::CandidateList& candidates,
                                 const std::filesystem::path& log);

/// Owns the log while it lives. Not thread-safe.
class Desk {
 public:
  /// Takes up the log or begins one. Throws like RowLog and replay(); kConfig for a blank reviewer
  /// and one with control characters.
  Desk(const grams::CandidateList& candidates,
       const std::filesystem::path& log,
       std::string reviewer);

  /// Fills in who and when; returns the gram whose opinion changed. Throws Error and changes
  /// nothing: kData "WHERE: ..." where the decision does not fit, kDevice where the log cannot be
  /// written.
  std::string decide(Decision decision, const std::string& where);

  /// All of them in order, or none.
  void decide_all(std::span<const Decision> decisions, const std::string& where);

  [[nodiscard]] const ReviewState& state() const { return state_; }
  [[nodiscard]] const std::string& reviewer() const { return reviewer_; }
  [[nodiscard]] const std::filesystem::path& log() const { return log_.path(); }

  /// Of this reviewer, on that gram.
  [[nodiscard]] Opinion opinion(const std::string& gram) const {
    return state_.opinion(reviewer_, gram);
  }

 private:
  [[nodiscard]] Decision signed_now(Decision decision) const;
  std::string reviewer_;
  ReviewState state_;
  RowLog log_;
};

}  // namespace stratagram::review
