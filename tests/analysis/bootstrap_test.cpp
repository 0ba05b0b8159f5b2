// Intervals and differences: closed forms, and coverage on draws whose truth is known.
#include "analysis/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "metrics/entropy.h"

namespace stratagram::analysis {
namespace {

const std::vector<FigureId> kMean{{.measure = "mean"}};
const std::vector<FigureId> kEntropy{{.measure = "entropy", .recentred = true}};

// The mean of the problems' values.
Evaluate mean_of(const std::vector<double>& values) {
  return [values](std::span<const int64_t> times) {
    double sum = 0;
    double n = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      sum += static_cast<double>(times[i]) * values[i];
      n += static_cast<double>(times[i]);
    }
    return std::vector<Value>{{.value = sum / n, .n = static_cast<int64_t>(n)}};
  };
}

// One occurrence a problem, of the kind given.
Evaluate rarefied_of(const std::vector<size_t>& kinds, size_t num_kinds, int64_t draws) {
  return [kinds, num_kinds, draws](std::span<const int64_t> times) {
    std::vector<int64_t> counts(num_kinds, 0);
    for (size_t i = 0; i < kinds.size(); ++i) counts[kinds[i]] += times[i];
    return std::vector<Value>{{.value = metrics::rarefied_entropy(counts, draws)}};
  };
}

TEST(BootstrapIntervals, OfAMeanHaveTheWidthOfTheNormalApproximation) {
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i % 4 == 0 ? 1.0 : 0.0);

  const auto interval = bootstrap_intervals(
      mean_of(values), kMean, values.size(), 4000, Stream({.seed = 1, .purpose = "test"}))[0];

  const double half = 1.96 * *metrics::standard_error(values);
  ASSERT_TRUE(interval.has_value());
  // 4,000 draws and steps of 1/400: within a tenth of the half-width.
  EXPECT_NEAR(interval->low, 0.25 - half, 0.1 * half);
  EXPECT_NEAR(interval->high, 0.25 + half, 0.1 * half);
}

TEST(BootstrapIntervals, AreAbsentForOneProblem) {
  const auto intervals =
      bootstrap_intervals(mean_of({0.5}), kMean, 1, 100, Stream({.seed = 1, .purpose = "test"}));

  EXPECT_FALSE(intervals[0].has_value());
}

// Eight kinds with shares 1/2, 1/4, ...: the expected entropy of 32 draws is known to 0.002 from
// 4,000 of them. Of 200 experiments of 120 occurrences 95 % should cover it; the standard error of
// that share is 1.5 %, and a percentile interval of 120 values is a little short: at least 88 %.
TEST(BootstrapIntervals, OfARarefiedEntropyCoverTheTruth) {
  const Stream stream({.seed = 5, .purpose = "simulation"});
  uint64_t position = 0;
  const auto draw_kind = [&] {
    const double u = stream.uniform(position++);
    size_t kind = 0;
    for (double left = 0.5; kind < 7 && u < left; left /= 2) ++kind;
    return kind;
  };
  double truth = 0;
  for (int i = 0; i < 4000; ++i) {
    std::vector<int64_t> counts(8, 0);
    for (int d = 0; d < 32; ++d) ++counts[draw_kind()];
    truth += *metrics::shannon_entropy(counts) / 4000;
  }
  int covered = 0;
  double bias = 0;
  for (uint64_t experiment = 0; experiment < 200; ++experiment) {
    std::vector<size_t> kinds;
    for (int i = 0; i < 120; ++i) kinds.push_back(draw_kind());
    const Evaluate evaluate_times = rarefied_of(kinds, 8, 32);
    bias += (*evaluate_times(std::vector<int64_t>(120, 1))[0].value - truth) / 200;
    const auto interval = bootstrap_intervals(
        evaluate_times, kEntropy, 120, 200, Stream({.seed = experiment, .purpose = "test"}))[0];
    covered += interval->low <= truth && truth <= interval->high ? 1 : 0;
  }
  RecordProperty("covered_of_200", covered);
  // Its standard deviation is about 0.07, so that of the mean of 200 is 0.005.
  EXPECT_NEAR(bias, 0.0, 0.015);
  EXPECT_GE(covered, 176);
}

// Each problem has a kind of its own, so every sample drawn again has a smaller entropy than log
// 40: the percentiles alone would leave the estimate out.
TEST(BootstrapIntervals, OfAnEntropyHoldTheEstimateThatNoDrawReaches) {
  const Evaluate plain = [](std::span<const int64_t> times) {
    return std::vector<Value>{{.value = metrics::shannon_entropy(times)}};
  };

  const auto interval =
      bootstrap_intervals(plain, kEntropy, 40, 400, Stream({.seed = 1, .purpose = "test"}))[0];

  EXPECT_LT(interval->low, std::log(40.0));
  EXPECT_GT(interval->high, std::log(40.0));
}

TEST(PairedDifferences, AreSmallInPForAClearDifferenceAndOneForNone) {
  std::vector<double> values(60, 0.0);
  for (size_t i = 30; i < 60; ++i) values[i] = 0.5 + 0.001 * static_cast<double>(i);

  const Difference clear = paired_differences(mean_of(values), kMean, 30, 1000, 1)[0];
  const Difference none =
      paired_differences(mean_of(std::vector<double>(60, 0.5)), kMean, 30, 200, 1)[0];

  EXPECT_NEAR(*clear.value, 0.5445, 1e-9);
  EXPECT_GT(clear.interval->low, 0.5);
  EXPECT_LT(*clear.p, 0.003);
  EXPECT_DOUBLE_EQ(*none.p, 1.0);
}

}  // namespace
}  // namespace stratagram::analysis
