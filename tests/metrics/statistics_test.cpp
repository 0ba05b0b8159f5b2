#include "metrics/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/expect_error.h"

namespace stratagram::metrics {
namespace {

// The share of k-subsets of n samples, c of them correct, that hold a correct one.
double pass_at_k_by_counting(int n, int c, int k) {
  double hits = 0;
  double all = 0;
  for (uint32_t subset = 0; subset < (1U << n); ++subset) {
    if (__builtin_popcount(subset) != k) continue;
    all += 1;
    if ((subset & ((1U << c) - 1)) != 0) hits += 1;
  }
  return hits / all;
}

TEST(PassAtK, IsTheShareOfSubsetsWithACorrectSample) {
  for (int n = 1; n <= 9; ++n) {
    for (int c = 0; c <= n; ++c) {
      for (int k = 1; k <= n; ++k) {
        EXPECT_NEAR(pass_at_k(n, c, k), pass_at_k_by_counting(n, c, k), 1e-12)
            << n << " " << c << " " << k;
      }
    }
  }
}

TEST(PassAtK, NeedsAsManySamplesAsK) {
  expect_error([] { (void)pass_at_k(4, 1, 8); }, ErrorKind::kConfig, "at least 8 samples");
}

TEST(Quantile, InterpolatesBetweenRanks) {
  EXPECT_DOUBLE_EQ(*quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(*quantile({10, 20}, 0.95), 19.5);
  EXPECT_FALSE(quantile({}, 0.5).has_value());
}

TEST(StandardError, IsThatOfTheMean) {
  EXPECT_DOUBLE_EQ(*standard_error(std::vector<double>{1, 2, 3, 4}), std::sqrt(5.0 / 3.0 / 4.0));
  EXPECT_FALSE(standard_error(std::vector<double>{1}).has_value());
}

TEST(BootstrapInterval, HasTheWidthOfTheNormalApproximation) {
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i % 4 == 0 ? 1.0 : 0.0);
  const Interval interval =
      *bootstrap_interval(values, Stream({.seed = 1, .purpose = "bootstrap"}));

  const double half = 1.96 * *standard_error(values);
  // 10,000 draws and steps of 1/400: within a tenth of the half-width.
  EXPECT_NEAR(interval.low, 0.25 - half, 0.1 * half);
  EXPECT_NEAR(interval.high, 0.25 + half, 0.1 * half);
}

TEST(PairedPermutation, IsSmallForAClearDifferenceAndOneForNone) {
  const Stream stream({.seed = 2, .purpose = "permutation"});

  EXPECT_LT(*paired_permutation_p(std::vector<double>(30, 0.5), stream), 0.001);
  EXPECT_DOUBLE_EQ(*paired_permutation_p(std::vector<double>(30, 0.0), stream), 1.0);
  // Three equal differences: 2 of 8 sign patterns are as extreme.
  EXPECT_NEAR(*paired_permutation_p(std::vector<double>(3, 1.0), stream), 0.25, 0.02);
}

TEST(ForkShares, CountTheTopShareWithTiesToTheEarlier) {
  const std::vector<float> entropies{0.1F, 0.9F, 0.5F, 0.5F, 0.2F, 0.0F, 0.3F, 0.4F, 0.05F, 0.6F};
  const std::vector<uint8_t> planning{1, 1, 0, 1, 0, 0, 0, 0, 0, 0};

  const ForkShares shares = fork_shares(entropies, planning, 0.3);

  // The top three are tokens 1, 9 and 2 (token 3 ties with 2 and is later).
  EXPECT_DOUBLE_EQ(*shares.high_given_planning, 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(*shares.planning_given_high, 1.0 / 3.0);
  EXPECT_FALSE(fork_shares(entropies, std::vector<uint8_t>(10, 0), 0.3).high_given_planning);
  EXPECT_FALSE(fork_shares({}, {}, 0.3).planning_given_high.has_value());
}

}  // namespace
}  // namespace stratagram::metrics
