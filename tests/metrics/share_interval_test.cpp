#include "metrics/share_interval.h"

#include <gtest/gtest.h>

#include "core/stream.h"
#include "tests/support/expect_error.h"

namespace stratagram::metrics {
namespace {

// As statsmodels' proportion_confint(..., method="wilson") gives them.
TEST(ShareInterval, EqualsPublishedValues) {
  const Interval tenth = *share_interval(0.1, 10);
  EXPECT_NEAR(tenth.low, 0.0178762, 1e-6);
  EXPECT_NEAR(tenth.high, 0.4041500, 1e-6);
  const Interval half = *share_interval(0.5, 100);
  EXPECT_NEAR(half.low, 0.4038315, 1e-6);
  EXPECT_NEAR(half.high, 0.5961685, 1e-6);
}

TEST(ShareInterval, IsNoPointAtTheEndsAndStaysInside) {
  const Interval none = *share_interval(0.0, 10);
  EXPECT_EQ(none.low, 0.0);
  EXPECT_NEAR(none.high, 0.2775328, 1e-6);
  const Interval all = *share_interval(1.0, 10);
  EXPECT_NEAR(all.low, 0.7224672, 1e-6);
  EXPECT_NEAR(all.high, 1.0, 1e-12);
}

TEST(ShareInterval, IsUndefinedWithoutItemsAndRefusesWhatIsNoShare) {
  EXPECT_FALSE(share_interval(0.5, 0).has_value());
  expect_error([] { (void)share_interval(1.5, 3); }, ErrorKind::kInternal, "share 1.5");
}

// For one share the coverage jumps with the number of items; over all shares it is what it says.
TEST(ShareInterval, CoversTheTruthOnAverageAsOftenAsItSays) {
  constexpr int kSets = 4000;
  constexpr int kItems = 40;
  int covered = 0;
  for (int set = 0; set < kSets; ++set) {
    const Stream stream({.seed = 3, .purpose = "share", .sample = static_cast<uint64_t>(set)});
    const double truth = stream.uniform(kItems);
    int count = 0;
    for (uint64_t i = 0; i < kItems; ++i) count += stream.uniform(i) < truth ? 1 : 0;
    const Interval interval = *share_interval(static_cast<double>(count) / kItems, kItems);
    if (interval.low <= truth && truth <= interval.high) ++covered;
  }

  // Four standard errors of 4,000 sets are 0.014.
  EXPECT_NEAR(static_cast<double>(covered) / kSets, 0.95, 0.014);
}

}  // namespace
}  // namespace stratagram::metrics
