#include "review/carry_over.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/error.h"
#include "review/decision.h"
#include "review/row_log.h"
#include "review/state.h"

namespace stratagram::review {
namespace {

namespace fs = std::filesystem;

// One opinion that holds at the end of a log, with when it was last changed.
struct Held {
  std::string time{};
  std::string reviewer;
  std::string gram;
  bool is_added = false;  // and not mined at that time
  Opinion opinion{};
};

std::vector<Decision> read_decisions(const fs::path& log) {
  LogHead head = decision_log_head("");
  head.erase("corpus_digest");  // any
  std::vector<Decision> decisions;
  read_log(log, head, [&](const nlohmann::json& row, const std::string& where) {
    decisions.push_back(decision_of(row, where));
  });
  return decisions;
}

std::unordered_set<std::string> added_in(const std::vector<Decision>& decisions) {
  std::unordered_set<std::string> added;
  for (const Decision& decision : decisions) {
    if (decision.action == Action::kAdd) added.insert(decision.gram);
  }
  return added;
}

// The candidates of that log are not at hand: they are what it names and never adds.
std::vector<grams::Candidate> candidates_of(const std::vector<Decision>& decisions,
                                            const std::unordered_set<std::string>& added) {
  std::vector<grams::Candidate> candidates;
  for (const Decision& decision : decisions) {
    for (const std::string& gram : {decision.gram, decision.into}) {
      if (!gram.empty() && !added.contains(gram)) candidates.push_back({.text = gram});
    }
  }
  return candidates;
}

// In the order in which reviewers came to each gram.
std::vector<Held> held_in(const fs::path& log) {
  const std::vector<Decision> decisions = read_decisions(log);
  const std::unordered_set<std::string> added = added_in(decisions);
  ReviewState state(candidates_of(decisions, added));
  std::map<std::pair<std::string, std::string>, size_t> places;  // by reviewer and gram
  std::vector<Held> held;
  for (size_t i = 0; i < decisions.size(); ++i) {
    const Decision& decision = decisions[i];
    const std::string where = fmt::format("{}:{}", log.string(), i + 2);  // after the head
    const std::string gram = state.apply(decision, where);
    const auto [place, is_new] = places.emplace(std::pair(decision.reviewer, gram), held.size());
    if (is_new) held.push_back({.reviewer = decision.reviewer, .gram = gram});
    held[place->second].time = decision.time;
  }
  for (Held& one : held) {
    one.is_added = added.contains(one.gram);
    one.opinion = state.opinion(one.reviewer, one.gram);
  }
  std::erase_if(held, [](const Held& one) { return one.opinion.verdict == Verdict::kUndecided; });
  return held;
}

Decision decision_for(const Held& held, bool is_mined) {
  Decision decision{.time = held.time, .reviewer = held.reviewer, .gram = held.gram};
  switch (held.opinion.verdict) {
    case Verdict::kAccepted:
      decision.role = held.opinion.role;
      decision.action = decision.role ? Action::kRole : Action::kAccept;
      if (held.is_added && !is_mined) decision.action = Action::kAdd;
      break;
    case Verdict::kRejected:
      decision.action = Action::kReject;
      break;
    case Verdict::kMerged:
      decision.action = Action::kMerge;
      decision.into = held.opinion.into;
      break;
    case Verdict::kUndecided:
      STRATAGRAM_CHECK(false, "{}: nothing to decide", held.gram);
  }
  return decision;
}

}  // namespace

CarriedOver carry_over(const fs::path& earlier,
                       const grams::CandidateList& candidates,
                       const fs::path& log) {
  if (fs::exists(log)) {
    fail(ErrorKind::kConfig,
         "{}: is there already; decisions of an earlier log can only begin a new one",
         log.string());
  }
  std::unordered_set<std::string> mined;
  for (const grams::Candidate& candidate : candidates.candidates) mined.insert(candidate.text);
  const std::vector<Held> held = held_in(earlier);
  std::vector<Decision> decisions;
  decisions.reserve(held.size());
  for (const Held& one : held) decisions.push_back(decision_for(one, mined.contains(one.gram)));
  // What others decide on an added gram comes after somebody adds it.
  std::ranges::stable_partition(
      decisions, [](const Decision& decision) { return decision.action == Action::kAdd; });

  ReviewState state(candidates.candidates);
  std::vector<nlohmann::ordered_json> rows;
  for (const Decision& decision : decisions) {
    const bool is_gone = decision.action != Action::kAdd && !state.knows(decision.gram);
    if (is_gone || (decision.action == Action::kMerge && !state.knows(decision.into))) continue;
    state.apply(decision, earlier.string());
    rows.push_back(to_json(decision));
  }
  if (rows.empty()) {
    fail(ErrorKind::kData,
         "{}: of its {} decisions none is on a gram that is a candidate now; leave --earlier out",
         earlier.string(),
         held.size());
  }
  RowLog(log, decision_log_head(candidates.corpus.digest), [](const auto&, const auto&) {
  }).append(rows);
  return {.num_taken = static_cast<int64_t>(rows.size()),
          .num_left_out = static_cast<int64_t>(held.size() - rows.size())};
}

}  // namespace stratagram::review
