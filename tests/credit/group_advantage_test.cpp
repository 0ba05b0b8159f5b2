#include "credit/group_advantage.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace stratagram::credit {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// Rounding of a handful of float64 operations.
constexpr double kRounding = 1e-12;

TEST(GroupAdvantage, IsZeroWhenAllRewardsAreEqual) {
  // The mean of three times 0.1 is not 0.1 in floating point.
  const std::vector<double> rewards(3, 0.1);

  for (const char* baseline : {"group_mean", "group_std", "leave_one_out"}) {
    EXPECT_THAT(group_advantages(rewards, baseline), Each(0.0)) << baseline;
  }
}

TEST(GroupAdvantage, IsZeroForAGroupOfOne) {
  const std::vector<double> rewards{1.0};

  for (const char* baseline : {"group_mean", "group_std", "leave_one_out"}) {
    EXPECT_THAT(group_advantages(rewards, baseline), ElementsAre(0.0)) << baseline;
  }
}

TEST(GroupAdvantage, IsTheDistanceFromTheGroupMean) {
  const std::vector<double> rewards{1, 0, 0, 1, 0.5};

  EXPECT_THAT(group_advantages(rewards, "group_mean"),
              ElementsAre(DoubleNear(0.5, kRounding),
                          DoubleNear(-0.5, kRounding),
                          DoubleNear(-0.5, kRounding),
                          DoubleNear(0.5, kRounding),
                          DoubleNear(0, kRounding)));
}

TEST(GroupAdvantage, DividesByTheDeviationWithNMinusOne) {
  const std::vector<double> rewards{1, 0, 0, 0};

  // Mean 1/4; squares 9/16 + 3/16 = 3/4, divided by 3; s = 1/2.
  const double s = 0.5 + 1e-6;
  EXPECT_THAT(group_advantages(rewards, "group_std"),
              ElementsAre(DoubleNear(0.75 / s, kRounding),
                          DoubleNear(-0.25 / s, kRounding),
                          DoubleNear(-0.25 / s, kRounding),
                          DoubleNear(-0.25 / s, kRounding)));
}

TEST(GroupAdvantage, LeavesTheResponseOutOfItsOwnBaseline) {
  const std::vector<double> rewards{1, 0, 0.25};

  EXPECT_THAT(group_advantages(rewards, "leave_one_out"),
              ElementsAre(DoubleNear(1 - 0.125, kRounding),
                          DoubleNear(0 - 0.625, kRounding),
                          DoubleNear(0.25 - 0.5, kRounding)));
}

TEST(GroupAdvantage, RefusesARewardThatIsNotFinite) {
  const std::vector<double> rewards{1, std::numeric_limits<double>::quiet_NaN()};

  EXPECT_THAT([&] { (void)group_advantages(rewards, "group_mean"); },
              ThrowsMessage<Error>(HasSubstr("reward 1 of its group: wanted a number, got nan")));
}

TEST(GroupAdvantage, RefusesABaselineItDoesNotKnow) {
  EXPECT_THAT([] { (void)group_advantages({}, "median"); },
              ThrowsMessage<Error>(HasSubstr("got 'median'")));
}

}  // namespace
}  // namespace stratagram::credit
