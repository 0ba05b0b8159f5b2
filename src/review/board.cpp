#include "review/board.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "core/error.h"
#include "review/page_files.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::vector<std::string> terms_of(const std::string& search) {
  std::vector<std::string> terms;
  std::istringstream words(search);
  for (std::string word; words >> word;) {
    std::ranges::transform(word, word.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    terms.push_back(word);
  }
  return terms;
}

bool holds_all(const std::string& text, const std::vector<std::string>& terms) {
  return std::ranges::all_of(
      terms, [&](const std::string& term) { return text.find(term) != std::string::npos; });
}

ordered_json role_or_null(const std::optional<grams::Role>& role) {
  return role ? ordered_json(grams::role_name(*role)) : ordered_json();
}

void set_opinion(ordered_json& row, const Opinion& opinion) {
  row["verdict"] = verdict_name(opinion.verdict);
  row["role"] = role_or_null(opinion.role);
  row["merged_into"] = opinion.into;
}

ordered_json contexts_of(const grams::Candidate& candidate) {
  ordered_json contexts = ordered_json::array();
  for (const grams::Context& context : candidate.contexts) {
    contexts.push_back(ordered_json::array({context.before, context.gram, context.after}));
  }
  return contexts;
}

// 1 for an accepted gram, 0 for another decision, none for none.
std::optional<int64_t> label_of(const Opinion& opinion) {
  if (opinion.verdict == Verdict::kUndecided) return std::nullopt;
  return opinion.verdict == Verdict::kAccepted ? 1 : 0;
}

// The agreement of one reviewer's opinions with `other`, which gives a label or none.
template <typename Other>
ordered_json agreement_with(const std::string& name,
                            const char* kind,
                            const Opinions& mine,
                            Other&& other) {
  std::vector<int64_t> first;
  std::vector<int64_t> second;
  for (const auto& [gram, opinion] : mine) {
    const auto own = label_of(opinion);
    const std::optional<int64_t> theirs = own ? other(gram) : std::nullopt;
    if (!theirs) continue;
    first.push_back(*own);
    second.push_back(*theirs);
  }
  return agreement_row(name, kind, first, second);
}

}  // namespace

Board::Board(const grams::CandidateList& candidates, const Votes& votes, Desk& desk)
    : candidates_(&candidates), votes_(&votes), desk_(&desk) {
  texts_.reserve(candidates.candidates.size());
  for (const grams::Candidate& candidate : candidates.candidates) {
    numbers_.emplace(candidate.text, static_cast<int64_t>(texts_.size()));
    texts_.push_back(candidate.text);
  }
  take_up_added();
}

void Board::take_up_added() {
  for (const std::string& gram : desk_->state().added()) {
    const auto [at, is_new] = numbers_.emplace(gram, static_cast<int64_t>(texts_.size()));
    if (is_new) texts_.push_back(gram);
  }
}

const std::string& Board::text(int64_t number) const {
  if (number < 0 || number >= static_cast<int64_t>(texts_.size())) {
    fail(ErrorKind::kData, "no gram has the number {}; there are {}", number, texts_.size());
  }
  return texts_[static_cast<size_t>(number)];
}

double Board::disagreement(const std::string& gram) const {
  const double of_selections = votes_->tally(gram).disagreement();
  const auto own = label_of(desk_->opinion(gram));
  if (!own) return of_selections;
  int64_t num_for = *own;
  int64_t num_all = 1;
  for (const std::string& reviewer : desk_->state().reviewers()) {
    const auto theirs = label_of(desk_->state().opinion(reviewer, gram));
    if (reviewer == desk_->reviewer() || !theirs) continue;
    num_for += *theirs;
    ++num_all;
  }
  const double of_reviewers = 2.0 * static_cast<double>(std::min(num_for, num_all - num_for)) /
                              static_cast<double>(num_all);
  return std::max(of_selections, of_reviewers);
}

bool Board::shows(int64_t number, const ListQuery& query) const {
  const std::string& gram = texts_[static_cast<size_t>(number)];
  const bool is_added = number >= static_cast<int64_t>(candidates_->candidates.size());
  if (query.show == Show::kAll && !is_added) return true;
  if (query.show == Show::kDisputed) return disagreement(gram) > 0;
  const Verdict verdict = desk_->opinion(gram).verdict;
  switch (query.show) {
    case Show::kUndecided:
      return verdict == Verdict::kUndecided && (!is_added || desk_->state().is_held(gram));
    case Show::kAccepted:
      return verdict == Verdict::kAccepted;
    case Show::kRejected:
      return verdict == Verdict::kRejected;
    case Show::kMerged:
      return verdict == Verdict::kMerged;
    case Show::kAll:
    case Show::kDisputed:
      break;
  }
  return desk_->state().is_held(gram);
}

std::vector<int64_t> Board::list(const ListQuery& query) {
  take_up_added();
  const std::vector<std::string> terms = terms_of(query.search);
  std::vector<int64_t> numbers;
  for (int64_t number = 0; number < static_cast<int64_t>(texts_.size()); ++number) {
    if (holds_all(texts_[static_cast<size_t>(number)], terms) && shows(number, query)) {
      numbers.push_back(number);
    }
  }
  // Candidates come by falling document frequency already.
  if (query.order == Order::kText) {
    std::ranges::sort(numbers, {}, [&](int64_t number) { return text(number); });
  } else if (query.order == Order::kDisagreement) {
    std::unordered_map<int64_t, double> keys;
    for (const int64_t number : numbers) keys[number] = disagreement(text(number));
    std::ranges::stable_sort(
        numbers, std::ranges::greater{}, [&](int64_t number) { return keys.at(number); });
  }
  return numbers;
}

ordered_json Board::others_of(const std::string& gram) const {
  ordered_json others = ordered_json::array();
  if (desk_->opinion(gram).verdict == Verdict::kUndecided) return others;
  for (const std::string& reviewer : desk_->state().reviewers()) {
    const Opinion opinion = desk_->state().opinion(reviewer, gram);
    if (reviewer == desk_->reviewer() || opinion.verdict == Verdict::kUndecided) continue;
    ordered_json other;
    other["reviewer"] = reviewer;
    set_opinion(other, opinion);
    others.push_back(std::move(other));
  }
  return others;
}

ordered_json Board::row(int64_t number) const {
  const std::string& gram = text(number);
  const bool is_added = number >= static_cast<int64_t>(candidates_->candidates.size());
  ordered_json row;
  row["id"] = number;
  row["gram"] = gram;
  row["added"] = is_added;
  if (!is_added) {
    const grams::Candidate& candidate = candidates_->candidates[static_cast<size_t>(number)];
    row["documents"] = candidate.document_frequency;
    row["count"] = candidate.count;
    row["problems"] = candidate.problem_frequency;
    row["problem_text"] = candidate.problem_text_frequency;
    row["sentence_starts"] = candidate.sentence_starts;
    row["contexts"] = contexts_of(candidate);
  }
  set_opinion(row, desk_->opinion(gram));
  const Tally tally = votes_->tally(gram);
  row["selections"] = ordered_json::array();
  for (const std::optional<bool>& strategic : tally.strategic) {
    row["selections"].push_back(strategic ? ordered_json(*strategic) : ordered_json());
  }
  row["suggested_role"] = role_or_null(tally.role);
  row["cluster_name"] = tally.cluster_name;
  row["others"] = others_of(gram);
  row["disagreement"] = disagreement(gram);
  return row;
}

ordered_json Board::progress() const {
  const ReviewState& state = desk_->state();
  const VerdictCounts counts = state.counts(desk_->reviewer());
  ordered_json progress;
  progress["total"] = candidates_->candidates.size() + state.added().size();
  progress["accepted"] = counts.accepted;
  progress["rejected"] = counts.rejected;
  progress["merged"] = counts.merged;
  const Opinions& mine = state.opinions(desk_->reviewer());
  progress["agreement"] = ordered_json::array();
  for (const std::string& reviewer : state.reviewers()) {
    if (reviewer == desk_->reviewer()) continue;
    const auto theirs = [&](const std::string& gram) {
      return label_of(state.opinion(reviewer, gram));
    };
    progress["agreement"].push_back(agreement_with(reviewer, "reviewer", mine, theirs));
  }
  for (size_t i = 0; i < votes_->names().size(); ++i) {
    const auto theirs = [&](const std::string& gram) -> std::optional<int64_t> {
      const auto strategic = votes_->tally(gram).strategic[i];
      if (!strategic) return std::nullopt;
      return *strategic ? 1 : 0;
    };
    progress["agreement"].push_back(agreement_with(votes_->names()[i], "selection", mine, theirs));
  }
  return progress;
}

int64_t Board::decide(Decision decision) {
  const std::string gram = desk_->decide(std::move(decision), "review");
  take_up_added();
  // An added gram that nobody holds any more is not among the added ones, but kept its number.
  const auto [at, is_new] = numbers_.emplace(gram, static_cast<int64_t>(texts_.size()));
  if (is_new) texts_.push_back(gram);
  return at->second;
}

std::vector<int64_t> Board::matches(const std::string& text, size_t limit) {
  std::vector<int64_t> numbers = list({.search = text});
  const auto same =
      std::ranges::find_if(numbers, [&](int64_t number) { return this->text(number) == text; });
  if (same != numbers.end()) std::rotate(numbers.begin(), same, same + 1);
  if (numbers.size() > limit) numbers.resize(limit);
  return numbers;
}

}  // namespace stratagram::review
