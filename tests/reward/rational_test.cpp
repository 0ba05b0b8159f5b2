#include "reward/rational.h"

#include <gtest/gtest.h>

namespace stratagram::reward {
namespace {

TEST(Rational, IsKeptInLowestTerms) {
  EXPECT_EQ(Rational::of(6, -4)->text(), "-3/2");
  EXPECT_EQ(Rational::of(-8, -4)->text(), "2");
  EXPECT_EQ(*Rational::of(2, 4), *Rational::of(1, 2));
}

TEST(Rational, AddsAndDividesExactly) {
  const Rational third = *Rational::of(1, 3);

  EXPECT_EQ(third.plus(*Rational::of(1, 6))->text(), "1/2");
  EXPECT_EQ(third.over(*Rational::of(2, 3))->text(), "1/2");
  EXPECT_EQ(third.minus(third)->text(), "0");
}

TEST(Rational, IsEmptyWhereTheResultDoesNotFitOrExist) {
  const Rational large = *Rational::of(Rational::Integer{1} << 100, 1);

  EXPECT_FALSE(large.times(large).has_value());
  EXPECT_FALSE(large.over(Rational(0)).has_value());
  EXPECT_FALSE(Rational::of(1, 0).has_value());
}

// -2^127 fits 128 bits and 2^127 does not, so its sign cannot be turned.
TEST(Rational, IsEmptyForTheOneNumberWithoutAnOpposite) {
  const Rational large = *Rational::of(Rational::Integer{1} << 118, 1);
  const Rational::Integer lowest = Rational::Integer{-1} << 127;

  EXPECT_FALSE(large.times(Rational(-512)).has_value());
  EXPECT_FALSE(Rational::of(lowest, 1).has_value());
  EXPECT_FALSE(Rational::of(1, lowest).has_value());
}

}  // namespace
}  // namespace stratagram::reward
