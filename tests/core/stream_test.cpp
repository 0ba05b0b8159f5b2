#include "core/stream.h"

#include <gmock/gmock.h>

#include <numeric>
#include <set>

namespace stratagram {
namespace {

using testing::ElementsAre;

// Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
TEST(Philox, MatchesThePublishedKnownAnswers) {
  EXPECT_THAT(philox4x32({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U));
  EXPECT_THAT(
      philox4x32({0xffffffffU, 0xffffffffU, 0xffffffffU, 0xffffffffU}, {0xffffffffU, 0xffffffffU}),
      ElementsAre(0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU));
  EXPECT_THAT(
      philox4x32({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}, {0xa4093822U, 0x299f31d0U}),
      ElementsAre(0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U));
}

TEST(Stream, ChangesWithEveryFieldOfItsKey) {
  const StreamKey base{.seed = 1, .purpose = "rollout", .step = 2, .problem = 3, .sample = 4};
  std::vector<StreamKey> keys(6, base);
  keys[1].seed = 9;
  keys[2].purpose = "shuffle";
  keys[3].step = 9;
  keys[4].problem = 9;
  keys[5].sample = 9;

  std::set<uint64_t> first_draws;
  for (const StreamKey& key : keys) first_draws.insert(Stream(key).bits(0));

  EXPECT_EQ(first_draws.size(), keys.size());
}

TEST(Stream, DrawsDependOnPositionNotOnOrder) {
  const Stream stream({.seed = 5, .purpose = "x"});

  const double late = stream.uniform(1000);
  const double early = stream.uniform(0);

  EXPECT_EQ(stream.uniform(0), early);
  EXPECT_EQ(stream.uniform(1000), late);
  EXPECT_NE(early, late);
}

TEST(Stream, UniformDrawsHaveTheMeanAndVarianceOfTheUniformLaw) {
  const Stream stream({.seed = 7, .purpose = "moments"});
  const int n = 200000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    const double u = stream.uniform(i);
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }

  // Five standard errors: sqrt(1/12/n) = 0.00065 for the mean, 0.0006 for the second moment.
  EXPECT_NEAR(sum / n, 0.5, 0.0033);
  EXPECT_NEAR(squares / n, 1.0 / 3.0, 0.0034);
}

TEST(Stream, BelowIsEvenlySpread) {
  const Stream stream({.seed = 8, .purpose = "below"});
  std::vector<int> counts(7);
  const int n = 70000;
  for (int i = 0; i < n; ++i) ++counts.at(stream.below(7, i));

  // Five standard deviations of a binomial with p = 1/7: 463.
  for (const int count : counts) EXPECT_NEAR(count, n / 7.0, 463);
}

TEST(Stream, NormalDrawsHaveUnitVariance) {
  const Stream stream({.seed = 9, .purpose = "normal"});
  const int n = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = stream.normal(i);
    sum += x;
    squares += x * x;
  }

  // Five standard errors: 1/sqrt(n) = 0.0032 and sqrt(2/n) = 0.0045.
  EXPECT_NEAR(sum / n, 0.0, 0.016);
  EXPECT_NEAR(squares / n, 1.0, 0.023);
}

TEST(Shuffle, IsAPermutationThatDependsOnTheSeed) {
  std::vector<int> a(100);
  std::iota(a.begin(), a.end(), 0);
  std::vector<int> b = a;
  const std::vector<int> sorted = a;

  shuffle_(a, Stream({.seed = 1, .purpose = "order"}));
  shuffle_(b, Stream({.seed = 2, .purpose = "order"}));

  EXPECT_NE(a, b);
  EXPECT_NE(a, sorted);
  EXPECT_THAT(a, testing::UnorderedElementsAreArray(sorted));
}

}  // namespace
}  // namespace stratagram
