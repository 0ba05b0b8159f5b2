#include "metrics/fork_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/stream.h"
#include "tests/support/expect_error.h"

namespace stratagram::metrics {
namespace {

using Bins = std::vector<int64_t>;

struct Tokens {
  std::vector<float> entropies;
  std::vector<uint8_t> planning;
};

Bins bins_of(const Tokens& tokens, bool only_planning) {
  EntropyHistogram histogram;
  for (size_t t = 0; t < tokens.entropies.size(); ++t) {
    if (!only_planning || tokens.planning[t] != 0) histogram.add(tokens.entropies[t]);
  }
  Bins bins(EntropyHistogram::kNumBins);
  histogram.add_to(bins, 1);
  return bins;
}

// Planning tokens more often where entropy is high; entropies over five factors of ten.
Tokens random_tokens(size_t count, uint64_t seed) {
  const Stream stream({.seed = seed, .purpose = "fork histogram test"});
  Tokens tokens;
  for (size_t t = 0; t < count; ++t) {
    const double u = stream.uniform(2 * t);
    tokens.entropies.push_back(static_cast<float>(std::exp(-13 * (1 - u))));
    tokens.planning.push_back(stream.uniform(2 * t + 1) < 0.1 + 0.4 * u ? 1 : 0);
  }
  return tokens;
}

TEST(EntropyHistogram, GivesTheSharesOfSingleTokensWhereTheThresholdFallsBetweenBins) {
  const Tokens tokens{.entropies = {4.0F, 2.0F, 1.0F, 0.5F, 0.25F, 0.125F, 0.0625F, 0.0F},
                      .planning = {1, 0, 1, 0, 1, 0, 0, 1}};

  for (const double share : {0.125, 0.25, 0.5, 0.75, 1.0}) {
    const ForkShares exact = fork_shares(tokens.entropies, tokens.planning, share);
    const ForkShares binned = fork_shares(bins_of(tokens, false), bins_of(tokens, true), share);
    EXPECT_DOUBLE_EQ(*binned.high_given_planning, *exact.high_given_planning) << share;
    EXPECT_DOUBLE_EQ(*binned.planning_given_high, *exact.planning_given_high) << share;
  }
}

// The error is at most that of the tokens which share the threshold's bin.
TEST(EntropyHistogram, ErrsByNoMoreThanTheTokensOfOneBin) {
  const Tokens tokens = random_tokens(5000, 1);
  const Bins all = bins_of(tokens, false);
  const Bins planning = bins_of(tokens, true);
  const auto largest = static_cast<double>(*std::ranges::max_element(all));
  const double num_planning = static_cast<double>(std::ranges::count(tokens.planning, uint8_t{1}));

  const ForkShares exact = fork_shares(tokens.entropies, tokens.planning, 0.3);
  const ForkShares binned = fork_shares(all, planning, 0.3);

  ASSERT_LT(largest, 40);
  EXPECT_NEAR(*binned.high_given_planning, *exact.high_given_planning, largest / num_planning);
  EXPECT_NEAR(*binned.planning_given_high, *exact.planning_given_high, largest / (0.3 * 5000));
}

TEST(EntropyHistogram, TakesTheSamePartOfTheThresholdsBinOfBothKinds) {
  Tokens tokens;
  tokens.entropies.assign(10, 1.0F);
  tokens.planning = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0};

  const ForkShares binned = fork_shares(bins_of(tokens, false), bins_of(tokens, true), 0.3);

  EXPECT_DOUBLE_EQ(*binned.high_given_planning, 0.3);
  EXPECT_DOUBLE_EQ(*binned.planning_given_high, 0.4);
}

TEST(EntropyHistogram, TellsApartWhatDiffersByTwoInAHundred) {
  for (float entropy = 1e-5F; entropy < 16.0F; entropy *= 1.37F) {
    EntropyHistogram histogram;
    histogram.add(entropy);
    histogram.add(entropy * 1.02F);
    Bins bins(EntropyHistogram::kNumBins);

    histogram.add_to(bins, 1);

    EXPECT_EQ(std::ranges::count(bins, 1), 2) << entropy;
  }
}

TEST(EntropyHistogram, CountsWhatLiesOutsideInTheFirstAndTheLastBin) {
  EntropyHistogram histogram;
  for (const float entropy : {0.0F, 1e-9F, -1e-6F, 1000.0F, 33.0F}) histogram.add(entropy);
  Bins bins(EntropyHistogram::kNumBins);

  histogram.add_to(bins, 2);

  EXPECT_EQ(bins.front(), 6);
  EXPECT_EQ(bins.back(), 4);
}

TEST(EntropyHistogram, RefusesWhatIsNotFinite) {
  EntropyHistogram histogram;

  expect_error([&] { histogram.add(std::numeric_limits<float>::quiet_NaN()); },
               ErrorKind::kInternal,
               "an entropy of nan");
}

TEST(ForkSharesOfBins, AreUndefinedWithoutTokens) {
  const Bins none(EntropyHistogram::kNumBins, 0);

  EXPECT_FALSE(fork_shares(none, none, 0.3).high_given_planning.has_value());
  EXPECT_FALSE(fork_shares(none, none, 0.3).planning_given_high.has_value());
}

}  // namespace
}  // namespace stratagram::metrics
