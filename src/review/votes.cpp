#include "review/votes.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace stratagram::review {

int64_t Tally::num_for() const {
  return std::ranges::count(strategic, std::optional<bool>(true));
}

int64_t Tally::num_against() const {
  return std::ranges::count(strategic, std::optional<bool>(false));
}

double Tally::disagreement() const {
  const int64_t all = num_for() + num_against();
  if (all == 0) return 0;
  return 2.0 * static_cast<double>(std::min(num_for(), num_against())) / static_cast<double>(all);
}

Votes::Votes(std::span<const grams::Selection> selections, const grams::CandidateList& candidates) {
  for (size_t i = 0; i < selections.size(); ++i) {
    const grams::Selection& selection = selections[i];
    if (selection.corpus_digest != candidates.corpus.digest) {
      fail(ErrorKind::kConfig,
           "selection {} (method {}): was made from corpus {}, the candidates are of {}; make it "
           "again from these candidates",
           i + 1,
           selection.method,
           selection.corpus_digest.substr(0, 12),
           candidates.corpus.digest.substr(0, 12));
    }
    std::string name = selection.method;
    for (int number = 2; std::ranges::find(names_, name) != names_.end(); ++number) {
      name = fmt::format("{}_{}", selection.method, number);
    }
    names_.push_back(name);
    for (const grams::Choice& choice : selection.choices) {
      auto& row = choices_[choice.text];
      row.resize(selections.size());
      row[i] = choice;
    }
  }
}

Tally Votes::tally(const std::string& gram) const {
  Tally tally;
  tally.strategic.resize(names_.size());
  const auto found = choices_.find(gram);
  if (found == choices_.end()) return tally;
  for (size_t i = 0; i < found->second.size(); ++i) {
    const auto& choice = found->second[i];
    if (!choice) continue;
    tally.strategic[i] = choice->strategic;
    if (!tally.role) tally.role = choice->role;
    if (tally.cluster < 0) {
      tally.cluster = choice->cluster;
      tally.cluster_name = choice->cluster_name;
    }
  }
  return tally;
}

}  // namespace stratagram::review
