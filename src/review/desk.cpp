#include "review/desk.h"

#include <utility>

#include "review/signature.h"

namespace stratagram::review {
namespace {

TakeRow applying(ReviewState& state) {
  return [&state](const nlohmann::json& row, const std::string& where) {
    state.apply(decision_of(row, where), where);
  };
}

}  // namespace

ReviewState replay(const grams::CandidateList& candidates, const std::filesystem::path& log) {
  ReviewState state(candidates.candidates);
  read_log(log, decision_log_head(candidates.corpus.digest), applying(state));
  return state;
}

Desk::Desk(const grams::CandidateList& candidates,
           const std::filesystem::path& log,
           std::string reviewer)
    : reviewer_(checked_reviewer(std::move(reviewer))),
      state_(candidates.candidates),
      log_(log, decision_log_head(candidates.corpus.digest), applying(state_)) {}

Decision Desk::signed_now(Decision decision) const {
  decision.time = utc_now();
  decision.reviewer = reviewer_;
  return decision;
}

std::string Desk::decide(Decision decision, const std::string& where) {
  decision = signed_now(std::move(decision));
  state_.check(decision, where);
  log_.append({to_json(decision)});
  return state_.apply(decision, where);
}

void Desk::decide_all(std::span<const Decision> decisions, const std::string& where) {
  ReviewState after = state_;
  std::vector<nlohmann::ordered_json> rows;
  for (const Decision& decision : decisions) {
    const Decision mine = signed_now(decision);
    after.apply(mine, where);
    rows.push_back(to_json(mine));
  }
  log_.append(rows);
  state_ = std::move(after);
}

}  // namespace stratagram::review
