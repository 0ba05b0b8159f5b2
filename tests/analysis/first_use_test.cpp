#include "analysis/first_use.h"

#include <gtest/gtest.h>

#include <vector>

namespace stratagram::analysis {
namespace {

constexpr int64_t kResponses = 20;  ///< a step, two of each of ten problems

// Steps in which use 0 is in so many of the 20 responses, spread over the problems.
class Steps {
 public:
  explicit Steps(const std::vector<int64_t>& users) {
    for (const int64_t count : users) {
      std::vector<ProblemTally>& problems = problems_.emplace_back(10);
      for (int64_t i = 0; i < kResponses; ++i) {
        ProblemTally& tally = problems[static_cast<size_t>(i % 10)];
        ++tally.responses;
        if (i < count) ++tally.uses[0].responses;
      }
    }
  }
  [[nodiscard]] FirstUse first_use(const AnalysisConfig& config) const {
    std::vector<StepTallies> steps;
    for (size_t s = 0; s < problems_.size(); ++s) {
      steps.push_back({.step = static_cast<int64_t>(10 * s), .problems = problems_[s]});
    }
    return first_uses(steps, 1, config, Stream({.seed = 1, .purpose = "test"}))[0];
  }

 private:
  std::vector<std::vector<ProblemTally>> problems_;
};

AnalysisConfig config(double share, int64_t steps, int64_t bootstrap = 0) {
  return {.bootstrap = bootstrap, .hold_share = share, .hold_steps = steps};
}

TEST(FirstUse, IsTheFirstStepWithAResponseAndHoldsFromTheFirstOfEnoughInARow) {
  const Steps steps({0, 1, 5, 0, 4, 5, 6, 0});

  const FirstUse found = steps.first_use(config(0.2, 3));

  EXPECT_EQ(found.first, 10);
  EXPECT_EQ(found.takes_hold, 40);
  EXPECT_EQ(found.responses, 21);
}

TEST(FirstUse, CountsAShareThatIsJustReached) {
  const Steps steps({4, 4, 4});

  EXPECT_EQ(steps.first_use(config(0.2, 3)).takes_hold, 0);
  EXPECT_FALSE(steps.first_use(config(0.2001, 3)).takes_hold.has_value());
}

TEST(FirstUse, DoesNotHoldWhereTheDataEndBeforeEnoughSteps) {
  const Steps steps({0, 0, 20, 20});

  EXPECT_FALSE(steps.first_use(config(0.05, 3)).takes_hold.has_value());
  EXPECT_EQ(steps.first_use(config(0.05, 2)).takes_hold, 20);
}

TEST(FirstUse, OfWhatNeverOccursIsNone) {
  const FirstUse found = Steps({0, 0, 0}).first_use(config(1e-6, 1));

  EXPECT_FALSE(found.first.has_value());
  EXPECT_FALSE(found.takes_hold.has_value());
}

// From 2 of 20 to 12 of 20 in one step: no draw of problems can move that.
TEST(FirstUse, HasANarrowIntervalForASharpRise) {
  const FirstUse found = Steps({0, 0, 0, 18, 18, 18, 18}).first_use(config(0.3, 2, 400));

  ASSERT_TRUE(found.interval.has_value());
  EXPECT_DOUBLE_EQ(found.interval->low, 30);
  EXPECT_DOUBLE_EQ(found.interval->high, 30);
}

TEST(FirstUse, HasAWideIntervalForASlowRiseAndNoneForOneThatMayNotHold) {
  const FirstUse slow = Steps({2, 4, 5, 6, 7, 8, 12, 16, 18, 18}).first_use(config(0.3, 2, 400));
  const FirstUse doubtful = Steps({0, 6, 6, 0}).first_use(config(0.3, 2, 400));

  ASSERT_TRUE(slow.interval.has_value());
  EXPECT_EQ(slow.takes_hold, 30);
  EXPECT_LE(slow.interval->low, 20);
  EXPECT_GE(slow.interval->high, 40);
  EXPECT_TRUE(doubtful.takes_hold.has_value());
  EXPECT_FALSE(doubtful.interval.has_value());
}

}  // namespace
}  // namespace stratagram::analysis
