#include "metrics/entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace stratagram::metrics {
namespace {

using Counts = std::vector<int64_t>;

double plain(const Counts& counts) {
  double total = 0;
  for (const int64_t c : counts) total += static_cast<double>(c);
  double entropy = 0;
  for (const int64_t c : counts) {
    if (c > 0) entropy -= static_cast<double>(c) / total * std::log(static_cast<double>(c) / total);
  }
  return entropy;
}

TEST(ShannonEntropy, HasItsClosedForms) {
  EXPECT_DOUBLE_EQ(*shannon_entropy(Counts{5, 5, 5, 5}), std::log(4.0));
  EXPECT_DOUBLE_EQ(*shannon_entropy(Counts{7}), 0.0);
  EXPECT_DOUBLE_EQ(*shannon_entropy(Counts{3, 1}), plain({3, 1}));
}

TEST(Entropies, AreUndefinedWithoutData) {
  EXPECT_FALSE(shannon_entropy(Counts{}).has_value());
  EXPECT_FALSE(shannon_entropy(Counts{1}).has_value());
  EXPECT_FALSE(miller_madow_entropy(Counts{0, 1}).has_value());
  EXPECT_FALSE(rarefied_entropy(Counts{3, 4}, 8).has_value());
  EXPECT_FALSE(conditional_entropy({}).has_value());
  EXPECT_FALSE(conditional_entropy({{0, {{"a", 1}}}, {1, {{"b", 1}}}}).has_value());
  EXPECT_FALSE(rarefied_conditional_entropy({{0, {{"a", 2}}}, {1, {{"b", 1}}}}, 4).has_value());
}

TEST(MillerMadow, AddsHalfTheKindsLessOnePerOccurrence) {
  EXPECT_DOUBLE_EQ(*miller_madow_entropy(Counts{3, 1, 0}), plain({3, 1}) + 1.0 / 8.0);
}

TEST(RarefiedEntropy, OfAllOccurrencesIsThePlainOne) {
  EXPECT_NEAR(*rarefied_entropy(Counts{3, 1, 4, 2}, 10), plain({3, 1, 4, 2}), 1e-12);
}

// Every subset of the occurrences, one by one.
TEST(RarefiedEntropy, IsTheMeanOverAllSubsets) {
  const Counts counts{3, 1, 4, 2};
  std::vector<int> kinds;
  for (size_t kind = 0; kind < counts.size(); ++kind) {
    for (int64_t i = 0; i < counts[kind]; ++i) kinds.push_back(static_cast<int>(kind));
  }
  for (int draws = 2; draws <= 9; ++draws) {
    double sum = 0;
    double subsets = 0;
    for (uint32_t subset = 0; subset < (1U << kinds.size()); ++subset) {
      if (__builtin_popcount(subset) != draws) continue;
      Counts drawn(counts.size());
      for (size_t i = 0; i < kinds.size(); ++i) {
        if ((subset >> i & 1U) != 0) ++drawn[kinds[i]];
      }
      sum += plain(drawn);
      subsets += 1;
    }
    EXPECT_NEAR(*rarefied_entropy(counts, draws), sum / subsets, 1e-10) << draws;
  }
}

TEST(ConditionalEntropy, WeighsEachGramByItsOccurrences) {
  const FollowerCounts counts{{0, {{"a", 2}, {"b", 2}}}, {1, {{"c", 4}}}, {2, {{"d", 1}}}};

  EXPECT_DOUBLE_EQ(*conditional_entropy(counts), 4.0 / 9.0 * std::log(2.0));
}

// Every subset of the occurrences, one by one.
TEST(RarefiedConditionalEntropy, IsTheMeanOverAllSubsets) {
  const FollowerCounts counts{
      {0, {{"a", 3}, {"b", 1}}}, {1, {{"a", 2}}}, {2, {{"c", 1}, {"d", 2}}}};
  std::vector<std::pair<int64_t, std::string>> occurrences;
  for (const auto& [gram, followers] : counts) {
    for (const auto& [key, count] : followers)
      occurrences.insert(occurrences.end(), count, {gram, key});
  }
  for (int draws = 2; draws <= 9; ++draws) {
    double sum = 0;
    double subsets = 0;
    for (uint32_t subset = 0; subset < (1U << occurrences.size()); ++subset) {
      if (__builtin_popcount(subset) != draws) continue;
      FollowerCounts drawn;
      for (size_t i = 0; i < occurrences.size(); ++i) {
        if ((subset >> i & 1U) != 0) ++drawn[occurrences[i].first][occurrences[i].second];
      }
      // None where no gram is there twice: then each has one continuation.
      sum += conditional_entropy(drawn).value_or(0.0);
      subsets += 1;
    }
    EXPECT_NEAR(*rarefied_conditional_entropy(counts, draws), sum / subsets, 1e-10) << draws;
  }
}

}  // namespace
}  // namespace stratagram::metrics
