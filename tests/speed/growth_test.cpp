// Exponents against closed forms, and the series that they are fitted to.
#include "speed/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/interrupt.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_model.h"
#include "tests/support/tiny_run.h"

namespace stratagram::speed {
namespace {

std::vector<GrowthPoint> power_law(double factor, double exponent) {
  std::vector<GrowthPoint> points;
  for (const double size : {3.0, 10.0, 11.0, 500.0}) {
    points.push_back({.size = size, .seconds = factor * std::pow(size, exponent)});
  }
  return points;
}

TEST(FittedExponent, IsThatOfAPowerLaw) {
  for (const double exponent : {0.0, 0.5, 1.0, 2.0}) {
    EXPECT_NEAR(fitted_exponent(power_law(7.0, exponent)), exponent, 1e-12);
    EXPECT_NEAR(fitted_exponent(power_law(1e-6, exponent)), exponent, 1e-12);
  }
}

TEST(FittedExponent, IsTheLeastSquaresSlopeOfTheLogarithms) {
  // log sizes 0, 1, 2 and log seconds 0, 0, 3: slope (-1 * -1 + 1 * 2) / 2 with means 1 and 1.
  const std::vector<GrowthPoint> points = {
      {1.0, 1.0}, {std::exp(1.0), 1.0}, {std::exp(2.0), std::exp(3.0)}};

  EXPECT_NEAR(fitted_exponent(points), 1.5, 1e-12);
}

TEST(FittedExponent, WantsTwoDifferentSizesAndTimesAboveZero) {
  const std::vector<GrowthPoint> same = {{4.0, 1.0}, {4.0, 2.0}};
  const std::vector<GrowthPoint> none = {{4.0, 1.0}, {8.0, 0.0}};

  expect_error([&] { (void)fitted_exponent(same); }, ErrorKind::kConfig, "two different sizes");
  expect_error([&] { (void)fitted_exponent({}); }, ErrorKind::kConfig, "two different sizes");
  expect_error([&] { (void)fitted_exponent(none); }, ErrorKind::kInternal, "above 0");
}

TEST(PassOperations, CountParametersAndTheSquareOfAttention) {
  const model::Transformer model = tiny_model({.num_layers = 3});
  const auto parameters = static_cast<double>(model.num_parameters());

  // A layer's queries are 4 x 10 wide.
  EXPECT_EQ(pass_operations(model, 1), 6 * parameters + 6 * 3 * 40);
  EXPECT_EQ(pass_operations(model, 10), 60 * parameters + 6 * 3 * 40 * 100);
}

GrowthPlan tiny_plan() {
  return {.num_prompts = 1,
          .group = 2,
          .tokens = 12,
          .prompt_tokens = 3,
          .response_lengths = {4, 8},
          .groups = {2, 3},
          .lengths = {8, 16, int64_t{1} << 40},
          .in_flight = {1, 2}};
}

TEST(MeasureGrowth, TimesEverySizeThatTheModelHasPositionsFor) {
  rollout::Policy policy = talker();
  std::vector<std::string> heard;

  const std::vector<Growth> all =
      measure_growth_(policy, tiny_plan(), [&](const Growth& series, int64_t size) {
        heard.push_back(series.over + " " + std::to_string(size));
      });

  EXPECT_THAT(heard,
              testing::ElementsAre("sequences in flight 1",
                                   "sequences in flight 2",
                                   "tokens of a sequence 8",
                                   "tokens of a sequence 16",
                                   "tokens of a response 4",
                                   "tokens of a response 8",
                                   "responses of a group 2",
                                   "responses of a group 3"));
  ASSERT_EQ(all.size(), 4);
  for (const Growth& series : all) {
    ASSERT_EQ(series.points.size(), 2) << series.over;
    for (const GrowthPoint& point : series.points) EXPECT_GT(point.seconds, 0.0);
    if (series.of == "training pass") {
      // Two points: the exponent of what lies between them.
      const double times = pass_operations(policy.model, 16) / pass_operations(policy.model, 8);
      EXPECT_NEAR(series.most, std::log2(times), 1e-12);
      EXPECT_GT(series.most, 1.0);
    } else {
      EXPECT_EQ(series.most, 1.0);
    }
  }
}

// The other series are timed all the same.
TEST(MeasureGrowth, WantsNothingOfOneSize) {
  rollout::Policy policy = talker();
  GrowthPlan plan = tiny_plan();
  plan.lengths = {8, int64_t{1} << 40};

  const std::vector<Growth> all = measure_growth_(policy, plan);

  ASSERT_EQ(all.size(), 4);
  EXPECT_EQ(all[1].points.size(), 1);
  EXPECT_EQ(all[1].most, 1.0);
  EXPECT_EQ(all[3].points.size(), 2);
}

TEST(MeasureGrowth, StopsWhenItIsInterrupted) {
  rollout::Policy policy = talker();

  expect_error(
      [&] {
        (void)measure_growth_(
            policy, tiny_plan(), [&](const Growth&, int64_t) { request_interrupt(); });
      },
      ErrorKind::kInterrupted,
      "");
  clear_interrupt();
}

}  // namespace
}  // namespace stratagram::speed
