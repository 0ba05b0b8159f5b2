#include "train/gap.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/expect_error.h"

namespace stratagram::train {
namespace {

TEST(Gap, CountsEveryTokenAlikeWhateverItsSign) {
  const std::vector<float> rollout{-1.0F, -2.0F, -3.0F};
  const std::vector<float> train{-1.5F, -1.0F, -3.0F};

  const GapStats gap = measure_gap(rollout, train);

  EXPECT_DOUBLE_EQ(gap.max_abs, 1.0);
  EXPECT_DOUBLE_EQ(gap.mean(), 0.5);
  EXPECT_DOUBLE_EQ(gap.mean_exp(), (std::exp(0.5) + std::exp(1.0) + 1.0) / 3);
}

TEST(Gap, OfPartsAddsUp) {
  GapStats sum = measure_gap(std::vector<float>{-1, -2}, std::vector<float>{-1.5, -2});
  sum.add(measure_gap(std::vector<float>{-3}, std::vector<float>{-2}));
  const GapStats whole =
      measure_gap(std::vector<float>{-1, -2, -3}, std::vector<float>{-1.5, -2, -2});

  EXPECT_EQ(sum.mean(), whole.mean());
  EXPECT_EQ(sum.mean_exp(), whole.mean_exp());
  EXPECT_EQ(sum.max_abs, whole.max_abs);
}

TEST(Gap, IsNoneWithoutTokens) {
  EXPECT_EQ(GapStats{}.mean(), 0.0);
  EXPECT_EQ(GapStats{}.mean_exp(), 1.0);
}

TEST(Gap, IsInfiniteWhereALogProbabilityIsNotFinite) {
  const GapStats gap = measure_gap(std::vector<float>{std::numeric_limits<float>::quiet_NaN()},
                                   std::vector<float>{-1});

  EXPECT_TRUE(std::isinf(gap.mean_exp()));
}

TEST(Gate, OpensToRecomputationAboveItsBound) {
  const GapStats inside{.max_abs = 1, .sum_abs = 1, .sum_exp = 101, .num_tokens = 100};
  const GapStats outside{.max_abs = 1, .sum_abs = 1, .sum_exp = 102, .num_tokens = 100};

  EXPECT_FALSE(wants_recomputed(inside, {.gap_gate = 1.01}));
  EXPECT_TRUE(wants_recomputed(outside, {.gap_gate = 1.01}));
}

TEST(Gate, ObeysAFixedChoice) {
  const GapStats outside{.sum_exp = 200, .num_tokens = 100};

  EXPECT_FALSE(wants_recomputed(outside, {.old_logprobs = "rollout"}));
  EXPECT_TRUE(wants_recomputed({}, {.old_logprobs = "recomputed"}));
}

TEST(Gap, RefusesListsOfDifferentLength) {
  expect_error([] { (void)measure_gap(std::vector<float>{1}, std::vector<float>{}); },
               ErrorKind::kInternal,
               "1 log-probabilities of the rollout, 0 of the trainer");
}

}  // namespace
}  // namespace stratagram::train
