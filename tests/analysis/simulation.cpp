#include "tests/analysis/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stratagram::analysis {
namespace {

constexpr size_t kNumTopics = 3;

// Each topic prefers others: the Zipf order begins at another gram.
std::vector<double> shares_of_topic(size_t topic) {
  std::vector<double> shares = zipf(kSimulatedGrams);
  std::ranges::rotate(shares,
                      shares.begin() + static_cast<std::ptrdiff_t>(
                                           kSimulatedGrams - topic * kSimulatedGrams / kNumTopics) %
                                           static_cast<std::ptrdiff_t>(kSimulatedGrams));
  return shares;
}

}  // namespace

std::vector<double> zipf(size_t num_kinds) {
  std::vector<double> shares(num_kinds);
  for (size_t i = 0; i < num_kinds; ++i) shares[i] = 1.0 / static_cast<double>(i + 1);
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

double entropy_of(const std::vector<double>& shares) {
  double entropy = 0;
  for (const double p : shares) entropy -= p > 0 ? p * std::log(p) : 0;
  return entropy;
}

double expected_entropy(const std::vector<double>& shares, int64_t draws) {
  const auto n = static_cast<double>(draws);
  double entropy = 0;
  for (const double p : shares) {
    for (int64_t count = 1; count <= draws; ++count) {
      const auto c = static_cast<double>(count);
      const double log_chance = std::lgamma(n + 1) - std::lgamma(c + 1) - std::lgamma(n - c + 1) +
                                c * std::log(p) + (n - c) * std::log1p(-p);
      entropy -= std::exp(log_chance) * c / n * std::log(c / n);
    }
  }
  return entropy;
}

size_t draw_kind(const std::vector<double>& shares, double u) {
  size_t kind = 0;
  for (double left = u; kind + 1 < shares.size() && left >= shares[kind]; ++kind) {
    left -= shares[kind];
  }
  return kind;
}

grams::Catalogue simulated_catalogue() {
  grams::Catalogue catalogue{.name = "simulated", .grams = {}};
  for (size_t i = 0; i < kSimulatedGrams; ++i) {
    catalogue.grams.push_back(
        {.text = fmt::format("gram {}", i), .role = static_cast<grams::Role>(i % kNumRoles)});
  }
  return catalogue;
}

Simulation::Simulation(uint64_t seed)
    : stream_({.seed = seed, .purpose = "simulation"}), catalogue_(simulated_catalogue()) {}

ProblemTally Simulation::problem(int64_t num_responses) {
  const double difficulty = uniform();
  const auto topic = static_cast<size_t>(uniform() * kNumTopics);
  const std::vector<double> shares = shares_of_topic(topic);
  ProblemTally tally;
  for (int64_t i = 0; i < num_responses; ++i) add_response(difficulty, shares, tally);
  return tally;
}

// From 0 to 7 grams, each with probability 0.2 to 0.8, of 3 words among 20 to 160 others.
void Simulation::add_response(double difficulty,
                              const std::vector<double>& shares,
                              ProblemTally& tally) {
  Sighting sighting;
  for (int slot = 0; slot < 7; ++slot) {
    if (uniform() >= 0.2 + 0.6 * difficulty) continue;
    const auto gram = static_cast<int64_t>(draw_kind(shares, uniform()));
    const int64_t begin = 20 * slot;
    sighting.counted.push_back(
        {.gram = gram, .words = {.begin = begin, .end = begin + 3}, .bytes = {}});
    sighting.followers.push_back(
        {.gram = gram, .words = draw_kind(zipf(kSimulatedFollowers), uniform())});
    sighting.planning_words += 3;
  }
  const bool uses_first = std::ranges::any_of(
      sighting.counted, [](const grams::Occurrence& found) { return found.gram == 0; });
  // A use makes the response longer too, so that length hides a part of its effect.
  const double words = 140 + 60 * difficulty + 60 * uniform() + (uses_first ? 80 : 0);
  const double chance = 0.7 - 0.5 * difficulty + (uses_first ? kEffect : 0) -
                        0.2 * (std::log(std::floor(words)) - std::log(200.0));
  const ResponseFacts facts{.num_words = static_cast<int64_t>(words),
                            .correct = uniform() < chance};
  tally.add(facts, sighting, catalogue_, pairs_);
}

std::vector<double> Simulation::gram_shares() {
  std::vector<double> shares(kSimulatedGrams, 0.0);
  for (size_t topic = 0; topic < kNumTopics; ++topic) {
    const std::vector<double> mine = shares_of_topic(topic);
    for (size_t i = 0; i < shares.size(); ++i) shares[i] += mine[i] / kNumTopics;
  }
  return shares;
}

std::vector<double> Simulation::pair_shares() {
  std::vector<double> shares;
  for (const double gram : gram_shares()) {
    for (const double follower : zipf(kSimulatedFollowers)) shares.push_back(gram * follower);
  }
  return shares;
}

}  // namespace stratagram::analysis
