// The rule of precision: which decimals count as which numbers.
#include <gtest/gtest.h>

#include "math/equal.h"
#include "tests/math/reader.h"

namespace stratagram::math {
namespace {

using testing::value;

std::string reason_of(const char* gold, const char* predicted, const Tolerance& tolerance = {}) {
  const Equality found = compare(value(gold), value(predicted), {.tolerance = tolerance});
  EXPECT_EQ(found.sameness == Sameness::kSame, found.reason.starts_with("equal_")) << found.reason;
  return found.reason;
}

TEST(Precision, AcceptsAnExactValueRoundedToSixDigits) {
  EXPECT_EQ(reason_of("1/3", "0.333333"), "equal_rounded");
  EXPECT_EQ(reason_of("2/3", "0.666667"), "equal_rounded");
  EXPECT_EQ(reason_of("pi", "3.14159"), "equal_rounded");
  EXPECT_EQ(reason_of("100*pi", "314.159"), "equal_rounded");
  EXPECT_EQ(reason_of("1/30", "0.0333333"), "equal_rounded");
  EXPECT_EQ(reason_of("-sqrt(2)", "-1.41421"), "equal_rounded");
}

TEST(Precision, RefusesTooFewDigitsAndWrongLastOnes) {
  EXPECT_EQ(reason_of("1/3", "0.333"), "different_value");
  EXPECT_EQ(reason_of("1/3", "0.33333"), "different_value");
  EXPECT_EQ(reason_of("2/3", "0.666666"), "different_value");
  EXPECT_EQ(reason_of("1/3", "0.333334"), "different_value");
  EXPECT_EQ(reason_of("pi", "3.14160"), "different_value");
  EXPECT_EQ(reason_of("1/30", "0.03333"), "different_value");
}

TEST(Precision, RoundsAHalfEitherWay) {
  EXPECT_EQ(reason_of("1234565/10", "123456.0", {.min_significant_digits = 7}), "different_value");
  EXPECT_EQ(reason_of("12345625/100", "123456.2"), "equal_rounded");
  EXPECT_EQ(reason_of("12345625/100", "123456.3"), "equal_rounded");
  EXPECT_EQ(reason_of("12345625/100", "123456.4"), "different_value");
}

TEST(Precision, RoundsAMorePreciseAnswerToADecimalGold) {
  EXPECT_EQ(reason_of("0.333333", "1/3"), "equal_rounded");
  EXPECT_EQ(reason_of("16386.16", "10000*(1.025)^20"), "equal_rounded");
  EXPECT_EQ(reason_of("16386.20", "10000*(1.025)^20"), "different_value");
  EXPECT_EQ(reason_of("3.14159", "3.14159265"), "equal_rounded");
  EXPECT_EQ(reason_of("0.125", "0.1254"), "different_value");
  EXPECT_EQ(reason_of("0.333", "1/3"), "different_value");
}

TEST(Precision, ComparesEquallyLongDecimalsDigitByDigit) {
  EXPECT_EQ(reason_of("123456.7", "123456.8"), "different_value");
  EXPECT_EQ(reason_of("1.4142135", "1.4142136"), "different_value");
  EXPECT_EQ(reason_of("2.50", "2.5"), "equal_form");
}

TEST(Precision, NeverRoundsIntegers) {
  EXPECT_EQ(reason_of("123456789", "123456789.4"), "different_value");
  EXPECT_EQ(reason_of("1000000", "1000000.2"), "different_value");
  EXPECT_EQ(reason_of("123456789", "123456788"), "different_value");
  EXPECT_EQ(reason_of("99999999999999999999", "99999999999999999998"), "different_value");
}

TEST(Precision, ForgivesTheNoiseOfFloatingPoint) {
  EXPECT_EQ(reason_of("0.3", "0.30000000000000004"), "equal_within_error");
  EXPECT_EQ(reason_of("5", "5.000000000000001"), "equal_within_error");
  EXPECT_EQ(reason_of("-5", "-4.999999999999999"), "equal_within_error");
  EXPECT_EQ(reason_of("5", "5.00001"), "different_value");
  EXPECT_EQ(reason_of("0", "0.00000000000000001"), "different_value");
  EXPECT_EQ(reason_of("9007199254740993", "9007199254740992.0"), "different_value");
}

TEST(Precision, FollowsItsOptions) {
  EXPECT_EQ(reason_of("1/3", "0.333", {.min_significant_digits = 3}), "equal_rounded");
  EXPECT_EQ(reason_of("1/3", "0.33335", {.relative = 1e-4}), "equal_within_error");
  EXPECT_EQ(reason_of("1/3", "0.33345", {.relative = 1e-4}), "different_value");
  EXPECT_EQ(reason_of("-1/3", "-0.33335", {.relative = 1e-4}), "equal_within_error");
  EXPECT_EQ(reason_of("0.3", "0.30000000000000004", {.relative = 0}), "different_value");
}

TEST(Precision, TakesAnErrorThatTheProblemAllows) {
  EXPECT_EQ(reason_of("10", "10.4", {.absolute = 0.5}), "equal_within_error");
  EXPECT_EQ(reason_of("10", "10.5", {.absolute = 0.5}), "equal_within_error");
  EXPECT_EQ(reason_of("10", "10.6", {.absolute = 0.5}), "different_value");
  EXPECT_EQ(reason_of("10", "10", {.absolute = 0.5}), "equal_form");
  EXPECT_EQ(reason_of("10", "11", {.absolute = 1}), "equal_within_error");
  EXPECT_EQ(reason_of("pi", "22/7", {.absolute = 0.01}), "equal_within_error");
  EXPECT_EQ(reason_of("x", "x+0.001", {.absolute = 0.01}), "different_value");
}

TEST(Precision, SurvivesAbsurdOptions) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(reason_of("10", "11.5", {.relative = infinity, .absolute = infinity}),
            "different_value");
  EXPECT_EQ(reason_of("10", "11.5", {.relative = nothing, .absolute = nothing}), "different_value");
  EXPECT_EQ(reason_of("10", "11.5", {.min_significant_digits = -5}), "different_value");
}

}  // namespace
}  // namespace stratagram::math
