#include "grams/quality.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/stream.h"

namespace stratagram::grams {
namespace {

Label label(const std::string& text, bool strategic, double weight = 1) {
  return {.text = text, .strategic = strategic, .weight = weight};
}

bool begins_with_c(const std::string& text) {
  return text.starts_with('c');
}

TEST(Quality, IsThatOfTheTableOfLabelsAndCalls) {
  // 3 called and strategic, 1 called only, 2 strategic only, 4 neither.
  const std::vector<Label> labels{label("c1", true),
                                  label("c2", true),
                                  label("c3", true),
                                  label("c4", false),
                                  label("n1", true),
                                  label("n2", true),
                                  label("n3", false),
                                  label("n4", false),
                                  label("n5", false),
                                  label("n6", false)};

  const Quality quality = quality_of(labels, begins_with_c, 0, 0);

  EXPECT_DOUBLE_EQ(quality.precision->value, 3.0 / 4);
  EXPECT_DOUBLE_EQ(quality.recall->value, 3.0 / 5);
  // Agreement 0.7; by chance 0.4 * 0.5 + 0.6 * 0.5.
  EXPECT_DOUBLE_EQ(quality.kappa->value, (0.7 - 0.5) / 0.5);
  EXPECT_EQ(quality.num_labels, 10);
  EXPECT_EQ(quality.num_strategic, 5);
  EXPECT_EQ(quality.num_called, 4);
}

TEST(Quality, CountsALabelForAllThatItStandsFor) {
  const std::vector<Label> labels{
      label("c1", true, 10), label("c2", false, 1), label("n1", true, 30), label("n2", false, 59)};

  const Quality quality = quality_of(labels, begins_with_c, 0, 0);

  EXPECT_DOUBLE_EQ(quality.precision->value, 10.0 / 11);
  EXPECT_DOUBLE_EQ(quality.recall->value, 10.0 / 40);
}

TEST(Quality, IsAbsentWhereItIsUndefined) {
  const Quality no_call = quality_of({label("n1", true), label("n2", false)}, begins_with_c, 10, 0);
  const Quality no_strategic =
      quality_of({label("c1", false), label("n2", false)}, begins_with_c, 10, 0);
  const Quality no_choice = quality_of({label("c1", true)}, begins_with_c, 10, 0);

  EXPECT_FALSE(no_call.precision.has_value());
  EXPECT_EQ(no_call.recall->value, 0);
  EXPECT_FALSE(no_strategic.recall.has_value());
  EXPECT_FALSE(no_choice.kappa.has_value());
}

// The interval must hold the true figure in about 95 of 100 samples.
TEST(Quality, HasIntervalsThatHoldTheTruthAsOftenAsTheySay) {
  constexpr double kPrecision = 0.8;
  constexpr int kTrials = 200;
  int held = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Stream stream({.seed = 9, .purpose = "test", .step = static_cast<uint64_t>(trial)});
    std::vector<Label> labels;
    for (uint64_t i = 0; i < 100; ++i) {
      labels.push_back(label(fmt::format("c{}", i), stream.uniform(i) < kPrecision));
    }

    const QualityFigure figure = *quality_of(labels, begins_with_c, 400, trial).precision;

    if (figure.low <= kPrecision && kPrecision <= figure.high) ++held;
  }

  // Percentile intervals of a share hold a little less than they say; two standard errors of 200
  // trials are 3 points.
  EXPECT_GE(held, 180);
  EXPECT_LE(held, 199);
}

TEST(Quality, DrawsInsideStrata) {
  // One stratum is called and right, the other is not called and wrong: whatever is drawn inside
  // them, both figures stay.
  std::vector<Label> labels;
  for (int i = 0; i < 5; ++i) labels.push_back(label(fmt::format("c{}", i), true, 1));
  for (int i = 0; i < 5; ++i) labels.push_back(label(fmt::format("n{}", i), true, 3));

  const Quality quality = quality_of(labels, begins_with_c, 100, 0);

  EXPECT_DOUBLE_EQ(quality.recall->low, 0.25);
  EXPECT_DOUBLE_EQ(quality.recall->high, 0.25);
}

}  // namespace
}  // namespace stratagram::grams
