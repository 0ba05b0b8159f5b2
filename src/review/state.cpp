#include "review/state.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/error.h"
#include "grams/gram_text.h"

namespace stratagram::review {

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kAccepted:
      return "accepted";
    case Verdict::kRejected:
      return "rejected";
    case Verdict::kMerged:
      return "merged";
  }
  return "undecided";
}

ReviewState::ReviewState(std::span<const grams::Candidate> candidates) {
  std::unordered_set<std::string> texts;
  texts.reserve(candidates.size());
  for (const grams::Candidate& candidate : candidates) texts.insert(candidate.text);
  candidates_ = std::make_shared<const std::unordered_set<std::string>>(std::move(texts));
}

bool ReviewState::knows(const std::string& gram) const {
  return candidates_->contains(gram) || std::ranges::find(added_, gram) != added_.end();
}

const Opinion* ReviewState::find(const std::string& reviewer, const std::string& gram) const {
  const auto ledger = ledgers_.find(reviewer);
  if (ledger == ledgers_.end()) return nullptr;
  const auto found = ledger->second.opinions.find(gram);
  return found == ledger->second.opinions.end() ? nullptr : &found->second;
}

Opinion ReviewState::opinion(const std::string& reviewer, const std::string& gram) const {
  const Opinion* found = find(reviewer, gram);
  return found == nullptr ? Opinion{} : *found;
}

const Opinions& ReviewState::opinions(const std::string& reviewer) const {
  static const Opinions none;
  const auto ledger = ledgers_.find(reviewer);
  return ledger == ledgers_.end() ? none : ledger->second.opinions;
}

void ReviewState::check_gram(const std::string& gram, const std::string& where) const {
  if (knows(gram)) return;
  fail(ErrorKind::kData,
       "{}: '{}' is neither a candidate nor added; give the candidates that were reviewed, or add "
       "it first",
       where,
       gram);
}

void ReviewState::check_added(const Decision& decision, const std::string& where) const {
  grams::check_gram_text(decision.gram, where);
  if (candidates_->contains(decision.gram)) {
    fail(ErrorKind::kData,
         "{}: '{}' is a candidate; accept it instead of adding it",
         where,
         decision.gram);
  }
  const Opinion* held = find(decision.reviewer, decision.gram);
  if (held != nullptr && held->verdict != Verdict::kUndecided) {
    fail(ErrorKind::kData, "{}: '{}' is there already", where, decision.gram);
  }
}

// Follows what the target is merged into: each gram is merged into one, and no circle gets in.
void ReviewState::check_merge(const Decision& decision, const std::string& where) const {
  check_gram(decision.into, where);
  std::string target = decision.into;
  while (target != decision.gram) {
    const Opinion* held = find(decision.reviewer, target);
    if (held == nullptr || held->verdict != Verdict::kMerged) return;
    target = held->into;
  }
  fail(ErrorKind::kData,
       "{}: '{}' cannot be merged into '{}', which {}",
       where,
       decision.gram,
       decision.into,
       decision.into == decision.gram ? "is itself" : "is merged into it");
}

Opinion ReviewState::wanted(const Decision& decision, const std::string& where) const {
  if (decision.action == Action::kAdd) {
    check_added(decision, where);
  } else {
    check_gram(decision.gram, where);
  }
  switch (decision.action) {
    case Action::kAccept:
      return {.verdict = Verdict::kAccepted,
              .role = opinion(decision.reviewer, decision.gram).role};
    case Action::kReject:
      return {.verdict = Verdict::kRejected};
    case Action::kRole:
    case Action::kAdd:
      return {.verdict = Verdict::kAccepted, .role = decision.role};
    case Action::kMerge:
      check_merge(decision, where);
      return {.verdict = Verdict::kMerged, .into = decision.into};
    case Action::kClear:
    case Action::kUndo:
      break;
  }
  return {};
}

const ReviewState::Change& ReviewState::last_change(const std::string& reviewer,
                                                    const std::string& where) const {
  const auto ledger = ledgers_.find(reviewer);
  if (ledger == ledgers_.end() || ledger->second.changes.empty()) {
    fail(ErrorKind::kData, "{}: '{}' has no decision left to take back", where, reviewer);
  }
  return ledger->second.changes.back();
}

void ReviewState::check(const Decision& decision, const std::string& where) const {
  if (decision.action == Action::kUndo) {
    (void)last_change(decision.reviewer, where);
  } else {
    (void)wanted(decision, where);
  }
}

std::string ReviewState::apply(const Decision& decision, const std::string& where) {
  if (decision.action == Action::kUndo) {
    const Change change = last_change(decision.reviewer, where);
    Ledger& ledger = ledgers_.at(decision.reviewer);
    ledger.changes.pop_back();
    ledger.opinions[change.gram] = change.before;
    return change.gram;
  }
  const Opinion now = wanted(decision, where);
  if (decision.action == Action::kAdd && !knows(decision.gram)) added_.push_back(decision.gram);
  if (!ledgers_.contains(decision.reviewer)) reviewers_.push_back(decision.reviewer);
  Ledger& ledger = ledgers_[decision.reviewer];
  Opinion& held = ledger.opinions[decision.gram];
  ledger.changes.push_back({.gram = decision.gram, .before = held});
  held = now;
  return decision.gram;
}

VerdictCounts ReviewState::counts(const std::string& reviewer) const {
  VerdictCounts counts;
  for (const auto& [gram, opinion] : opinions(reviewer)) {
    counts.accepted += opinion.verdict == Verdict::kAccepted ? 1 : 0;
    counts.rejected += opinion.verdict == Verdict::kRejected ? 1 : 0;
    counts.merged += opinion.verdict == Verdict::kMerged ? 1 : 0;
  }
  return counts;
}

bool ReviewState::is_held(const std::string& gram) const {
  return std::ranges::any_of(reviewers_, [&](const std::string& reviewer) {
    return opinion(reviewer, gram).verdict != Verdict::kUndecided;
  });
}

std::vector<std::string> ReviewState::added() const {
  std::vector<std::string> held;
  std::ranges::copy_if(
      added_, std::back_inserter(held), [&](const std::string& gram) { return is_held(gram); });
  return held;
}

}  // namespace stratagram::review
