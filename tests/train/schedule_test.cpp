#include "train/schedule.h"

#include <gmock/gmock.h>

#include "tests/support/expect_error.h"

namespace stratagram::train {
namespace {

TEST(Schedule, WarmsUpInEqualStepsToThePeak) {
  const ScheduleConfig config{.warmup_steps = 4};

  EXPECT_DOUBLE_EQ(schedule_factor(config, 0, 100), 0.25);
  EXPECT_DOUBLE_EQ(schedule_factor(config, 3, 100), 1.0);
  EXPECT_DOUBLE_EQ(schedule_factor(config, 4, 100), 1.0);
  EXPECT_DOUBLE_EQ(schedule_factor(config, 99, 100), 1.0);
}

TEST(Schedule, FallsInAStraightLineToItsFinalShare) {
  const ScheduleConfig config{.kind = "linear", .warmup_steps = 10, .final_share = 0.2};

  EXPECT_DOUBLE_EQ(schedule_factor(config, 10, 110), 1.0);
  EXPECT_DOUBLE_EQ(schedule_factor(config, 60, 110), 0.6);
  EXPECT_DOUBLE_EQ(schedule_factor(config, 110, 110), 0.2);
}

TEST(Schedule, FallsByHalfACosineWave) {
  const ScheduleConfig config{.kind = "cosine", .warmup_steps = 0, .final_share = 0.1};

  EXPECT_DOUBLE_EQ(schedule_factor(config, 0, 100), 1.0);
  EXPECT_NEAR(schedule_factor(config, 50, 100), 0.55, 1e-12);
  EXPECT_NEAR(
      schedule_factor(config, 25, 100), 0.1 + 0.9 * (0.5 + 0.25 * 1.4142135623730951), 1e-12);
  EXPECT_NEAR(schedule_factor(config, 100, 100), 0.1, 1e-12);
}

TEST(Schedule, StaysAtItsEndBeyondTheRun) {
  const ScheduleConfig config{.kind = "linear", .warmup_steps = 0, .final_share = 0.1};

  EXPECT_DOUBLE_EQ(schedule_factor(config, 500, 100), 0.1);
}

TEST(Schedule, IsAllWarmUpInARunThatIsNoLonger) {
  for (const char* kind : {"constant", "linear", "cosine"}) {
    const ScheduleConfig config{.kind = kind, .warmup_steps = 5};
    EXPECT_DOUBLE_EQ(schedule_factor(config, 4, 5), 1.0) << kind;
    EXPECT_DOUBLE_EQ(schedule_factor(config, 1, 5), 0.4) << kind;
  }
}

TEST(Schedule, RefusesANegativeStep) {
  expect_error([] { (void)schedule_factor({}, -1, 5); }, ErrorKind::kInternal, "got -1");
}

}  // namespace
}  // namespace stratagram::train
