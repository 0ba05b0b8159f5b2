#include "analysis/aggregate.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace stratagram::analysis {
namespace {

// Products of use and the rest inside one problem; nothing where all responses use or none does.
void add_products(const ProblemTally& tally, const UseTally& use, int64_t times, UseProducts& sum) {
  if (use.labelled == 0 || use.labelled == tally.labelled) return;
  const auto n = static_cast<double>(tally.labelled);
  const auto users = static_cast<double>(use.labelled);
  const auto weight = static_cast<double>(times);
  sum.use_use += weight * (users - users * users / n);
  sum.use_correct +=
      weight * (static_cast<double>(use.correct) - users * static_cast<double>(tally.correct) / n);
  sum.use_length += weight * (use.log_words - users * tally.log_words / n);
  sum.problems += times;
}

void add_plain(const ProblemTally& tally, int64_t times, ProblemTally& sums) {
  sums.responses += times * tally.responses;
  sums.labelled += times * tally.labelled;
  sums.correct += times * tally.correct;
  sums.finished += times * tally.finished;
  sums.truncated += times * tally.truncated;
  sums.words += times * tally.words;
  sums.planning_words += times * tally.planning_words;
  sums.position += static_cast<double>(times) * tally.position;
  for (size_t i = 0; i < kNumTenths; ++i) sums.tenths[i] += times * tally.tenths[i];
  for (size_t i = 0; i < tally.transitions.size(); ++i) {
    sums.transitions[i] += times * tally.transitions[i];
  }
  sums.token_responses += times * tally.token_responses;
  sums.planning.add(tally.planning, times);
  sums.execution.add(tally.execution, times);
}

}  // namespace

Population::Population(std::vector<const ProblemTally*> tallies,
                       std::vector<const ProblemTally*> all_entropies_of,
                       std::span<const int32_t> gram_of_pair,
                       size_t num_grams)
    : tallies_(std::move(tallies)), all_entropies_of_(std::move(all_entropies_of)) {
  aggregate_.grams.resize(num_grams);
  aggregate_.uses.resize(num_uses(num_grams));
  aggregate_.products.resize(num_uses(num_grams));
  // The pairs that occur here, those of a gram side by side.
  std::vector<int32_t> ids;
  for (const ProblemTally* tally : tallies_) {
    ids.insert(ids.end(), tally->followers.begin(), tally->followers.end());
  }
  std::ranges::sort(ids, [&](int32_t a, int32_t b) {
    return std::pair(gram_of_pair[a], a) < std::pair(gram_of_pair[b], b);
  });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::unordered_map<int32_t, int32_t> places;
  for (size_t i = 0; i < ids.size(); ++i) places[ids[i]] = static_cast<int32_t>(i);
  for (const ProblemTally* tally : tallies_) {
    std::vector<int32_t>& mine = followers_.emplace_back();
    mine.reserve(tally->followers.size());
    for (const int32_t id : tally->followers) mine.push_back(places.at(id));
  }
  aggregate_.pairs.resize(ids.size());
  for (size_t first = 0; first < ids.size();) {
    size_t end = first;
    while (end < ids.size() && gram_of_pair[ids[end]] == gram_of_pair[ids[first]]) ++end;
    aggregate_.by_gram.push_back(
        std::span<const int64_t>(aggregate_.pairs).subspan(first, end - first));
    first = end;
  }
  const bool any_tokens = std::ranges::any_of(
      tallies_, [](const ProblemTally* tally) { return tally->token_responses > 0; });
  if (any_tokens) {
    aggregate_.entropy_bins.resize(metrics::EntropyHistogram::kNumBins);
    aggregate_.planning_bins.resize(metrics::EntropyHistogram::kNumBins);
  }
}

void Population::clear() {
  aggregate_.sums = ProblemTally{};
  aggregate_.length_length = 0;
  aggregate_.length_correct = 0;
  std::ranges::fill(aggregate_.grams, 0);
  std::ranges::fill(aggregate_.uses, UseTally{});
  std::ranges::fill(aggregate_.products, UseProducts{});
  std::ranges::fill(aggregate_.pairs, 0);
  std::ranges::fill(aggregate_.entropy_bins, 0);
  std::ranges::fill(aggregate_.planning_bins, 0);
}

void Population::add(size_t index, int64_t times) {
  const ProblemTally& tally = *tallies_[index];
  add_plain(tally, times, aggregate_.sums);
  if (tally.labelled > 0) {
    const auto n = static_cast<double>(tally.labelled);
    const auto weight = static_cast<double>(times);
    aggregate_.length_length +=
        weight * (tally.log_words_squared - tally.log_words * tally.log_words / n);
    aggregate_.length_correct +=
        weight *
        (tally.log_words_correct - tally.log_words * static_cast<double>(tally.correct) / n);
  }
  for (const auto& [gram, count] : tally.occurrences) aggregate_.grams[gram] += times * count;
  for (const auto& [number, use] : tally.uses) {
    UseTally& sum = aggregate_.uses[number];
    sum.responses += times * use.responses;
    sum.labelled += times * use.labelled;
    sum.correct += times * use.correct;
    add_products(tally, use, times, aggregate_.products[number]);
  }
  for (const int32_t place : followers_[index]) aggregate_.pairs[place] += times;
  if (aggregate_.entropy_bins.empty()) return;
  all_entropies_of_[index]->all_entropies.add_to(aggregate_.entropy_bins, times);
  tally.planning_entropies.add_to(aggregate_.planning_bins, times);
}

const Aggregate& Population::sum(std::span<const int64_t> times) {
  clear();
  for (size_t i = 0; i < tallies_.size(); ++i) {
    if (times[i] != 0) add(i, times[i]);
  }
  return aggregate_;
}

}  // namespace stratagram::analysis
