#include "analysis/groups.h"

#include <fmt/format.h>

#include <utility>

#include "core/stream.h"
#include "grams/tag.h"

namespace stratagram::analysis {
namespace {

// Tokens that share ink with an occurrence where the bytes of tokens are known; else those that the
// row says are planning, which only the catalogue of its run can say.
std::optional<SeenTokens> seen_tokens(const text::Solution& solution,
                                      const Sighting& sighting,
                                      size_t lens) {
  if (!solution.tokens || solution.tokens->logprobs.empty()) return std::nullopt;
  const text::TokenData& data = *solution.tokens;
  SeenTokens seen{.logprobs = data.logprobs, .entropies = data.entropies, .mask = {}};
  if (data.byte_ranges.size() == data.logprobs.size()) {
    seen.mask = grams::planning_mask(sighting.all, solution.response, data.byte_ranges);
  } else if (lens == 0 && data.planning) {
    seen.mask.assign(data.logprobs.size(), 0);
    for (const Range& span : *data.planning) {
      for (int64_t t = span.begin; t < span.end; ++t) seen.mask[t] = 1;
    }
  } else {
    return std::nullopt;
  }
  return seen;
}

}  // namespace

std::string GroupKey::label() const {
  if (!step) return source;
  return fmt::format("{} step {}", source, *step);
}

Groups::Groups(const Lenses& lenses, AnalysisConfig config)
    : lenses_(lenses), config_(std::move(config)), pairs_(lenses.size()) {}

std::vector<GroupKey> Groups::keys_of(const text::Solution& solution,
                                      const std::string& file) const {
  std::vector<GroupKey> keys;
  switch (config_.by) {
    case GroupBy::kStep:
      keys.push_back({.source = solution.source, .step = solution.step});
      break;
    case GroupBy::kSource:
      keys.push_back({.source = solution.source});
      break;
    case GroupBy::kFile:
      keys.push_back({.source = file});
      break;
    case GroupBy::kNone:
      keys.push_back({.source = "all"});
      break;
  }
  if (config_.compare &&
      (solution.source == config_.compare->first || solution.source == config_.compare->second)) {
    keys.push_back({.source = solution.source, .for_comparison = true});
  }
  return keys;
}

void Groups::add(const text::Solution& solution, const std::string& file) {
  ++num_responses_;
  const Reading reading = lenses_.read(solution.response);
  ResponseFacts facts{.num_words = reading.num_words, .correct = solution.correct};
  if (solution.tokens && solution.tokens->finish) {
    facts.truncated = *solution.tokens->finish == Finish::kLength;
  }
  const std::string& name = text::problem_key(solution);
  const uint64_t problem =
      name.empty() ? mix_bits(static_cast<uint64_t>(num_responses_)) : hash_name(name);
  for (const GroupKey& key : keys_of(solution, file)) {
    Group& group = groups_[key];
    group.by_lens.resize(lenses_.size());
    const size_t place = group.problems.emplace(problem, group.problems.size()).first->second;
    for (size_t lens = 0; lens < lenses_.size(); ++lens) {
      std::vector<ProblemTally>& tallies = group.by_lens[lens];
      if (tallies.size() <= place) tallies.resize(place + 1);
      tallies[place].add(facts, reading.sightings[lens], lenses_.catalogue(), pairs_[lens]);
      if (const auto tokens = seen_tokens(solution, reading.sightings[lens], lens)) {
        tallies[place].add_tokens(*tokens, /*keep_all=*/lens == 0);
      }
    }
  }
}

}  // namespace stratagram::analysis
