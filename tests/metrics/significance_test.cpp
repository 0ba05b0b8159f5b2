#include "metrics/significance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/stream.h"

namespace stratagram::metrics {
namespace {

// Holm's procedure as it is told: from the smallest on, the i-th of m times m - i.
std::vector<double> plain_holm(std::vector<double> p) {
  std::vector<double> corrected(p.size(), 0);
  std::vector<bool> done(p.size(), false);
  double before = 0;
  for (size_t left = p.size(); left > 0; --left) {
    size_t smallest = p.size();
    for (size_t i = 0; i < p.size(); ++i) {
      if (!done[i] && (smallest == p.size() || p[i] < p[smallest])) smallest = i;
    }
    before = std::max(before, std::min(1.0, p[smallest] * static_cast<double>(left)));
    corrected[smallest] = before;
    done[smallest] = true;
  }
  return corrected;
}

TEST(Holm, IsThatOfKnownExamplesAndOfThePlainProcedure) {
  EXPECT_THAT(holm(std::vector<double>{0.01, 0.04, 0.03}),
              testing::Pointwise(testing::DoubleEq(), std::vector<double>{0.03, 0.06, 0.06}));
  EXPECT_THAT(holm(std::vector<double>{0.4, 0.9}), testing::ElementsAre(0.8, 0.9));
  EXPECT_THAT(holm(std::vector<double>{0.6, 0.7}), testing::ElementsAre(1.0, 1.0));
  EXPECT_THAT(holm(std::vector<double>{}), testing::IsEmpty());
  for (uint64_t round = 0; round < 100; ++round) {
    const Stream stream({.seed = round, .purpose = "holm"});
    std::vector<double> p(1 + stream.below(8, 0));
    // Tenths, so that there are ties.
    for (size_t i = 0; i < p.size(); ++i) p[i] = static_cast<double>(stream.below(11, i + 1)) / 10;
    EXPECT_EQ(holm(p), plain_holm(p)) << round;
  }
}

// A z test of the mean of normal differences rejects at 5 % in four cases of five when the true
// mean is the detectable one.
TEST(MinimumDetectableDifference, IsFoundInFourCasesOfFive) {
  constexpr int64_t kPairs = 25;
  constexpr double kDeviation = 3;
  const double error = kDeviation / std::sqrt(kPairs);
  const double truth = minimum_detectable_difference(error);
  const Stream stream({.seed = 1, .purpose = "power"});
  constexpr int64_t kTrials = 20000;
  int64_t found = 0;
  for (int64_t trial = 0; trial < kTrials; ++trial) {
    double sum = 0;
    for (int64_t i = 0; i < kPairs; ++i) {
      sum += truth + kDeviation * stream.normal(trial * kPairs + i);
    }
    if (std::abs(sum / kPairs) > 1.959963984540054 * error) ++found;
  }

  EXPECT_NEAR(truth / error, 2.8016, 1e-4);
  // Four standard errors of a share of 0.8 in so many trials.
  EXPECT_NEAR(static_cast<double>(found) / kTrials, 0.8, 4 * std::sqrt(0.16 / kTrials));
}

}  // namespace
}  // namespace stratagram::metrics
