#include "analysis/tally.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/stream.h"

namespace stratagram::analysis {
namespace {

size_t role_at(const grams::Catalogue& catalogue, int64_t gram) {
  return static_cast<size_t>(catalogue.grams[static_cast<size_t>(gram)].role);
}

// The log of the length; a response without words has that of one word.
double log_words_of(const ResponseFacts& facts) {
  return std::log(static_cast<double>(std::max<int64_t>(facts.num_words, 1)));
}

}  // namespace

int32_t PairIds::id_of(const FollowerKey& key) {
  const uint64_t hash = mix_bits(key.words ^ mix_bits(static_cast<uint64_t>(key.gram)));
  const auto [found, is_new] = ids_.emplace(hash, static_cast<int32_t>(grams_.size()));
  if (is_new) grams_.push_back(static_cast<int32_t>(key.gram));
  return found->second;
}

void ProblemTally::add(const ResponseFacts& facts,
                       const Sighting& sighting,
                       const grams::Catalogue& catalogue,
                       PairIds& pairs) {
  const double length = log_words_of(facts);
  ++responses;
  words += facts.num_words;
  planning_words += sighting.planning_words;
  if (facts.truncated) {
    ++finished;
    truncated += *facts.truncated ? 1 : 0;
  }
  if (facts.correct) {
    ++labelled;
    correct += *facts.correct ? 1 : 0;
    log_words += length;
    log_words_squared += length * length;
    log_words_correct += *facts.correct ? length : 0;
  }
  std::set<size_t> used;
  std::optional<size_t> before;
  for (const grams::Occurrence& occurrence : sighting.counted) {
    const size_t role = role_at(catalogue, occurrence.gram);
    ++occurrences[static_cast<int32_t>(occurrence.gram)];
    used.insert({static_cast<size_t>(occurrence.gram),
                 use_of_role(catalogue.grams.size(), role),
                 use_of_any(catalogue.grams.size())});
    const double place =
        (static_cast<double>(occurrence.words.begin) + 0.5) / static_cast<double>(facts.num_words);
    position += place;
    ++tenths[std::min(static_cast<size_t>(place * kNumTenths), kNumTenths - 1)];
    if (before) ++transitions[*before * kNumRoles + role];
    before = role;
  }
  for (const size_t use : used) {
    UseTally& tally = uses[static_cast<int32_t>(use)];
    ++tally.responses;
    if (!facts.correct) continue;
    ++tally.labelled;
    tally.correct += *facts.correct ? 1 : 0;
    tally.log_words += length;
  }
  for (const FollowerKey& key : sighting.followers) followers.push_back(pairs.id_of(key));
}

void ProblemTally::add_tokens(const SeenTokens& tokens, bool keep_all) {
  ++token_responses;
  for (size_t t = 0; t < tokens.mask.size(); ++t) {
    const bool is_planning = tokens.mask[t] != 0;
    (is_planning ? planning : execution).add(tokens.logprobs[t], tokens.entropies[t]);
    if (keep_all) all_entropies.add(tokens.entropies[t]);
    if (is_planning) planning_entropies.add(tokens.entropies[t]);
  }
}

}  // namespace stratagram::analysis
