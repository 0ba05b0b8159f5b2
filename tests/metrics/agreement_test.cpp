#include "metrics/agreement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/stream.h"
#include "tests/support/expect_error.h"

namespace stratagram::metrics {
namespace {

struct Labels {
  std::vector<int64_t> first;
  std::vector<int64_t> second;
};

// Row r, column c: so many items that got r from the first and c from the second.
Labels labels_of(const std::vector<std::vector<int64_t>>& counts) {
  Labels labels;
  for (size_t row = 0; row < counts.size(); ++row) {
    for (size_t column = 0; column < counts[row].size(); ++column) {
      labels.first.insert(labels.first.end(), counts[row][column], static_cast<int64_t>(row));
      labels.second.insert(labels.second.end(), counts[row][column], static_cast<int64_t>(column));
    }
  }
  return labels;
}

std::optional<Agreement> kappa_of(const std::vector<std::vector<int64_t>>& counts) {
  const Labels labels = labels_of(counts);
  return cohen_kappa(labels.first, labels.second);
}

TEST(CohenKappa, IsTheShareOfAgreementBeyondChance) {
  const Agreement agreement = *kappa_of({{20, 5}, {10, 15}});

  EXPECT_EQ(agreement.num_items, 50);
  EXPECT_DOUBLE_EQ(agreement.observed, 0.7);
  // Expected by chance: 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
  EXPECT_NEAR(agreement.kappa, 0.4, 1e-12);
}

// As SAS prints for this table: kappa 0.4842, 95 % from 0.2137 to 0.7547.
TEST(CohenKappa, HasTheIntervalThatSasGives) {
  const Agreement agreement = *kappa_of({{0, 4, 1}, {0, 8, 0}, {0, 1, 5}});

  EXPECT_NEAR(agreement.kappa, 0.4842, 5e-5);
  ASSERT_TRUE(agreement.interval.has_value());
  EXPECT_NEAR(agreement.interval->low, 0.2137, 5e-5);
  EXPECT_NEAR(agreement.interval->high, 0.7547, 5e-5);
}

TEST(CohenKappa, DoesNotDependOnWhichNumbersStandForTheLabels) {
  Labels labels = labels_of({{20, 5, 1}, {10, 15, 2}, {0, 3, 9}});
  const Agreement before = *cohen_kappa(labels.first, labels.second);
  for (int64_t& label : labels.first) label = 100 - 7 * label;
  for (int64_t& label : labels.second) label = 100 - 7 * label;

  const Agreement after = *cohen_kappa(labels.first, labels.second);

  EXPECT_NEAR(after.kappa, before.kappa, 1e-12);
  EXPECT_NEAR(after.interval->low, before.interval->low, 1e-12);
}

TEST(CohenKappa, IsOneWithoutAnIntervalWhereAllLabelsAreEqual) {
  const Agreement agreement = *kappa_of({{3, 0}, {0, 4}});

  EXPECT_DOUBLE_EQ(agreement.kappa, 1.0);
  EXPECT_FALSE(agreement.interval.has_value());
}

TEST(CohenKappa, IsBelowZeroWhereTheyContradictEachOther) {
  EXPECT_NEAR(kappa_of({{0, 5}, {5, 0}})->kappa, -1.0, 1e-12);
}

TEST(CohenKappa, IsUndefinedWithOneLabelOnlyAndWithFewerThanTwoItems) {
  EXPECT_FALSE(kappa_of({{9}}).has_value());
  EXPECT_FALSE(kappa_of({{0, 1}}).has_value());
  EXPECT_FALSE(kappa_of({}).has_value());
  // One label each, but not the same: chance expects no agreement, and there is none.
  EXPECT_DOUBLE_EQ(kappa_of({{0, 5}})->kappa, 0.0);
}

TEST(CohenKappa, WantsAsManyLabelsOfOneAsOfTheOther) {
  const std::vector<int64_t> two{0, 1};
  const std::vector<int64_t> three{0, 1, 1};

  expect_error([&] { (void)cohen_kappa(two, three); }, ErrorKind::kInternal, "2 labels against 3");
  expect_error([&] { (void)cohen_kappa(two, two, 1.0); }, ErrorKind::kInternal, "confidence 1");
}

// The true kappa: both see the same coin of 0.4 with probability 0.5, else each a coin of its own.
TEST(CohenKappa, IntervalsCoverTheTruthAboutAsOftenAsTheySay) {
  constexpr int kSets = 2000;
  constexpr int kItems = 150;
  constexpr double kTrue = 0.5;
  int covered = 0;
  for (int set = 0; set < kSets; ++set) {
    const Stream stream({.seed = 5, .purpose = "labels", .sample = static_cast<uint64_t>(set)});
    Labels labels;
    for (uint64_t item = 0; item < kItems; ++item) {
      const bool same = stream.uniform(4 * item) < kTrue;
      const double first = stream.uniform(4 * item + 1);
      const double second = same ? first : stream.uniform(4 * item + 2);
      labels.first.push_back(first < 0.4 ? 1 : 0);
      labels.second.push_back(second < 0.4 ? 1 : 0);
    }
    const Interval interval = *cohen_kappa(labels.first, labels.second)->interval;
    if (interval.low <= kTrue && kTrue <= interval.high) ++covered;
  }

  // 0.95 give or take four standard errors of 2,000 sets (0.005 each); the interval is asymptotic.
  EXPECT_NEAR(static_cast<double>(covered) / kSets, 0.95, 0.02);
}

}  // namespace
}  // namespace stratagram::metrics
