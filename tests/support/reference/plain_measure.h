// tests/support/reference/plain_measure.h -- definitions, section 5, counted token by token and
// subset by subset; train/measure.h is compared with it.
//
// Texts are lower-case words with one blank between them, and every gram is a single word, so
// occurrences are the words themselves.
#pragma once

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/records.h"

namespace stratagram {

using PlainRecord = std::map<std::string, double>;

inline std::vector<const Trajectory*> plain_responses(const std::vector<Group>& step) {
  std::vector<const Trajectory*> all;
  for (const Group& group : step) {
    for (const Trajectory& trajectory : group.trajectories) all.push_back(&trajectory);
  }
  return all;
}

inline double plain_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// The share-quantile, linear between ranks.
inline double plain_quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double rank = share * static_cast<double>(values.size() - 1);
  const double below = std::floor(rank);
  const double above = std::ceil(rank);
  return values[static_cast<size_t>(below)] * (1 - (rank - below)) +
         values[static_cast<size_t>(above)] * (rank - below);
}

/// Shannon entropy of a list of labels.
inline double plain_entropy(const std::vector<std::string>& labels) {
  double entropy = 0;
  for (const std::string& kind : std::set<std::string>(labels.begin(), labels.end())) {
    const double share = static_cast<double>(std::count(labels.begin(), labels.end(), kind)) /
                         static_cast<double>(labels.size());
    entropy -= share * std::log(share);
  }
  return entropy;
}

/// Mean entropy over every subset of `draws` labels; there must be at most 20.
inline double plain_rarefied(const std::vector<std::string>& labels, int64_t draws) {
  double sum = 0;
  int64_t subsets = 0;
  for (uint32_t bits = 0; bits < (1U << labels.size()); ++bits) {
    std::vector<std::string> subset;
    for (size_t i = 0; i < labels.size(); ++i) {
      if ((bits >> i) & 1U) subset.push_back(labels[i]);
    }
    if (static_cast<int64_t>(subset.size()) != draws) continue;
    sum += plain_entropy(subset);
    ++subsets;
  }
  return sum / static_cast<double>(subsets);
}

inline void plain_outcomes(const std::vector<Group>& step, PlainRecord& record) {
  std::vector<double> rewards, lengths, truncated;
  std::map<Verdict, double> verdicts;
  for (const Trajectory* r : plain_responses(step)) {
    rewards.push_back(r->judgement.reward);
    lengths.push_back(static_cast<double>(r->completion.token_ids.size()));
    truncated.push_back(r->completion.finish == Finish::kLength ? 1 : 0);
    verdicts[r->judgement.verdict] += 1;
  }
  double solved = 0;
  double flat = 0;
  for (const Group& group : step) {
    std::set<double> kinds;
    bool any = false;
    for (const Trajectory& r : group.trajectories) {
      kinds.insert(r.judgement.reward);
      any |= r.judgement.verdict == Verdict::kCorrect;
    }
    solved += any ? 1 : 0;
    flat += kinds.size() == 1 ? 1 : 0;
  }
  const auto n = static_cast<double>(rewards.size());
  record["reward/mean"] = plain_mean(rewards);
  record["accuracy/mean"] = verdicts[Verdict::kCorrect] / n;
  record["pass_at_k/train"] = solved / static_cast<double>(step.size());
  record["verdict/correct"] = verdicts[Verdict::kCorrect] / n;
  record["verdict/wrong"] = verdicts[Verdict::kWrong] / n;
  record["verdict/unparseable"] = verdicts[Verdict::kUnparseable] / n;
  record["verdict/timeout"] = verdicts[Verdict::kTimeout] / n;
  record["verdict/error"] = verdicts[Verdict::kError] / n;
  record["length/mean"] = plain_mean(lengths);
  record["length/median"] = plain_quantile(lengths, 0.5);
  record["length/p95"] = plain_quantile(lengths, 0.95);
  record["length/truncated_share"] = plain_mean(truncated);
  record["group/zero_spread_share"] = flat / static_cast<double>(step.size());
}

/// No two entropies of the step may be equal.
inline void plain_tokens(const std::vector<Group>& step, double fork_share, PlainRecord& record) {
  std::vector<double> nll[2];
  std::vector<double> entropy[2];
  std::vector<std::pair<double, bool>> ranked;
  for (const Trajectory* r : plain_responses(step)) {
    for (size_t t = 0; t < r->planning_mask.size(); ++t) {
      const bool planning = r->planning_mask[t] == 1;
      nll[planning].push_back(-static_cast<double>(r->completion.logprobs[t]));
      entropy[planning].push_back(r->completion.entropies[t]);
      ranked.emplace_back(-static_cast<double>(r->completion.entropies[t]), planning);
    }
  }
  if (ranked.empty()) return;
  std::sort(ranked.begin(), ranked.end());
  const auto high = static_cast<size_t>(std::ceil(fork_share * static_cast<double>(ranked.size())));
  double both = 0;
  for (size_t i = 0; i < high; ++i) both += ranked[i].second ? 1 : 0;
  for (const bool planning : {false, true}) {
    if (nll[planning].empty()) continue;
    const std::string name = planning ? "planning" : "execution";
    record["ppl/" + name] = std::exp(plain_mean(nll[planning]));
    record["relative_ppl/" + name] = 1.0;  // the step is its own baseline
    record["entropy/" + name] = plain_mean(entropy[planning]);
  }
  std::vector<double> all = entropy[0];
  all.insert(all.end(), entropy[1].begin(), entropy[1].end());
  record["entropy/all"] = plain_mean(all);
  record["planning/share"] =
      static_cast<double>(nll[1].size()) / static_cast<double>(ranked.size());
  if (!nll[1].empty()) {
    record["fork/high_given_planning"] = both / static_cast<double>(nll[1].size());
  }
  record["fork/planning_given_high"] = both / static_cast<double>(high);
}

struct PlainGrams {
  std::map<std::string, std::string> cluster_of;  ///< by gram; empty: none
  int64_t draws = 2;
  int64_t follower_words = 1;
};

inline void plain_grams(const std::vector<Group>& step,
                        const PlainGrams& grams,
                        PlainRecord& record) {
  std::vector<std::string> seen, clusters;
  std::map<std::string, std::vector<std::string>> followers;
  for (const Trajectory* r : plain_responses(step)) {
    std::istringstream stream(r->completion.text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    for (size_t w = 0; w < words.size(); ++w) {
      const auto found = grams.cluster_of.find(words[w]);
      if (found == grams.cluster_of.end()) continue;
      seen.push_back(words[w]);
      if (!found->second.empty()) clusters.push_back(found->second);
      std::string key;
      int64_t taken = 0;
      for (size_t f = w + 1; f < words.size() && taken < grams.follower_words; ++f) {
        if (grams.cluster_of.contains(words[f])) continue;
        key += (std::isdigit(static_cast<unsigned char>(words[f][0])) != 0 ? "#" : words[f]) + "|";
        ++taken;
      }
      if (taken == grams.follower_words) followers[words[w]].push_back(key);
    }
  }
  const auto kinds = std::set<std::string>(seen.begin(), seen.end()).size();
  if (seen.size() >= 2) {
    record["semantic_entropy/plain"] = plain_entropy(seen);
    record["semantic_entropy/miller_madow"] =
        plain_entropy(seen) +
        static_cast<double>(kinds - 1) / (2 * static_cast<double>(seen.size()));
  }
  if (static_cast<int64_t>(seen.size()) >= grams.draws) {
    record["semantic_entropy/rarefied"] = plain_rarefied(seen, grams.draws);
  }
  if (clusters.size() >= 2) record["semantic_entropy/cluster"] = plain_entropy(clusters);
  double sum = 0, weight = 0;
  bool any = false;
  std::vector<std::string> pairs, followed;
  for (const auto& [gram, keys] : followers) {
    const auto n = static_cast<double>(keys.size());
    any |= keys.size() >= 2;
    sum += n * plain_entropy(keys);
    weight += n;
    for (const std::string& key : keys) {
      pairs.push_back(gram + "|" + key);
      followed.push_back(gram);
    }
  }
  if (any) record["conditional_entropy/plain"] = sum / weight;
  if (static_cast<int64_t>(pairs.size()) >= grams.draws) {
    record["conditional_entropy/rarefied"] =
        plain_rarefied(pairs, grams.draws) - plain_rarefied(followed, grams.draws);
  }
}

}  // namespace stratagram
