// Equality of values: what must be the same, what must differ, with every pair both ways round.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "math/equal.h"
#include "tests/math/reader.h"

namespace stratagram::math {
namespace {

using testing::value;
using Pair = std::pair<const char*, const char*>;

Sameness sameness_of(const Pair& pair) {
  const Equality forth = compare(value(pair.first), value(pair.second));
  const Equality back = compare(value(pair.second), value(pair.first));
  EXPECT_EQ(forth.sameness, back.sameness) << pair.first << " and " << pair.second;
  return forth.sameness;
}

class SameValues : public ::testing::TestWithParam<Pair> {};
class DifferentValues : public ::testing::TestWithParam<Pair> {};

TEST_P(SameValues, AreTheSameBothWaysRound) {
  EXPECT_EQ(sameness_of(GetParam()), Sameness::kSame)
      << GetParam().first << " and " << GetParam().second << ": "
      << compare(value(GetParam().first), value(GetParam().second)).reason;
}

TEST_P(DifferentValues, DifferBothWaysRound) {
  EXPECT_EQ(sameness_of(GetParam()), Sameness::kDifferent)
      << GetParam().first << " and " << GetParam().second << ": "
      << compare(value(GetParam().first), value(GetParam().second)).reason;
}

INSTANTIATE_TEST_SUITE_P(Numbers,
                         SameValues,
                         ::testing::ValuesIn(std::vector<Pair>{
                             {"1/2", "0.5"},
                             {"2/4", "1/2"},
                             {"-(-3)", "3"},
                             {"0.10", "1/10"},
                             {"3 + 1/7", "22/7"},
                             {"2^10", "1024"},
                             {"(2/3)^(-2)", "9/4"},
                             {"5!", "120"},
                             {"0!", "1"},
                             {"binomial(10, 3)", "120"},
                             {"binomial(5, 7)", "0"},
                             {"permutations(10, 3)", "720"},
                             {"doublefactorial(7)", "105"},
                             {"doublefactorial(8)", "384"},
                             {"gcd(12, 18)", "lcm(2, 3)"},
                             {"max(1, 5, 3)", "5"},
                             {"min(1/2, 1/3)", "1/3"},
                             {"mod(17, 5)", "2"},
                             {"mod(-1, 5)", "4"},
                             {"floor(-7/2)", "-4"},
                             {"ceil(-7/2)", "-3"},
                             {"abs(-5/3)", "5/3"},
                             {"abs(3+4*i)", "5"},
                             {"sign(-9)", "-1"},
                             {"27^(1/3)", "3"},
                             {"(-8)^(1/3)", "-2"},
                             {"(-8)^(2/3)", "4"},
                             {"(4/9)^(3/2)", "8/27"},
                             {"sqrt(-4)", "2*i"},
                             {"i^2", "-1"},
                             {"(1+i)/(1-i)", "i"},
                             {"(2+i)^3", "2+11*i"},
                             {"(1+i)^(-2)", "-i/2"},
                             {"10^10^10 - 10^10^10 + 1", "1"},
                             {"-oo", "-oo + 3"},
                         }));

INSTANTIATE_TEST_SUITE_P(Closed,
                         SameValues,
                         ::testing::ValuesIn(std::vector<Pair>{
                             {"sqrt(2)*sqrt(3)", "sqrt(6)"},
                             {"sqrt(12)", "2*sqrt(3)"},
                             {"1/sqrt(2)", "sqrt(2)/2"},
                             {"sqrt(3+2*sqrt(2))", "1+sqrt(2)"},
                             {"sqrt(5+2*sqrt(6))", "sqrt(2)+sqrt(3)"},
                             {"((1+sqrt(5))/2)^2", "(1+sqrt(5))/2+1"},
                             {"((1+sqrt(5))/2)^12 + ((1-sqrt(5))/2)^12", "322"},
                             {"root(2+sqrt(5), 3) + root(2-sqrt(5), 3)", "1"},
                             {"sqrt(i)", "(1+i)/sqrt(2)"},
                             {"log(8)/log(2)", "3"},
                             {"log(100)/log(10)", "2"},
                             {"log(6)", "log(2)+log(3)"},
                             {"e^(i*pi)", "-1"},
                             {"e^(2*log(3))", "9"},
                             {"exp(1)", "e"},
                             {"sin(pi/6)", "1/2"},
                             {"cos(pi/12)", "(sqrt(6)+sqrt(2))/4"},
                             {"tan(pi/8)", "sqrt(2)-1"},
                             {"cos(pi/7)-cos(2*pi/7)+cos(3*pi/7)", "1/2"},
                             {"arctan(1)", "pi/4"},
                             {"arctan(1/2)+arctan(1/3)", "pi/4"},
                             {"4*arctan(1/5)-arctan(1/239)", "pi/4"},
                             {"arccot(-1)", "3*pi/4"},
                             {"arcsec(2)", "pi/3"},
                             {"arccsc(2)", "pi/6"},
                             {"sinh(log(2))", "3/4"},
                             {"arccosh(5/4)", "log(2)"},
                             {"(1/2)!", "sqrt(pi)/2"},
                             {"re(3*e^(i*pi/3))", "3/2"},
                             {"max(sqrt(2), 1.5)", "1.5"},
                             {"floor(pi*100)", "314"},
                             {"sin(2*pi)", "0"},
                             {"pi+e", "e+pi"},
                         }));

INSTANTIATE_TEST_SUITE_P(WithSymbols,
                         SameValues,
                         ::testing::ValuesIn(std::vector<Pair>{
                             {"(x+1)^2", "x^2+2*x+1"},
                             {"(x+y)*(x-y)", "x^2-y^2"},
                             {"x/7+2/7", "(x+2)/7"},
                             {"1/x+1/y", "(x+y)/(x*y)"},
                             {"(x^2-1)/(x-1)", "x+1"},
                             {"2*sin(b)*cos(a)", "cos(a)*2*sin(b)"},
                             {"sin(a+b)-sin(a-b)", "2*sin(b)*cos(a)"},
                             {"sin(x)^2+cos(x)^2", "1"},
                             {"tan(y)^2+1", "sec(y)^2"},
                             {"1/(3*root(x,3)^2)", "1/(3*x^(2/3))"},
                             {"log(x*y)", "log(x)+log(y)"},
                             {"log(x^3)", "3*log(x)"},
                             {"sqrt(x)*sqrt(y)", "sqrt(x*y)"},
                             {"sqrt(x-5)*sqrt(x-7)", "sqrt((x-5)*(x-7))"},
                             {"abs(x)^2", "x^2"},
                             {"2^x*2^y", "2^(x+y)"},
                             {"2^x", "exp(x*log(2))"},
                             {"x^n*x", "x^(n+1)"},
                             {"(-1)^n", "cos(pi*n)"},
                             {"n!", "n*(n-1)!"},
                             {"binomial(n, 2)", "n*(n-1)/2"},
                             {"arcsin(x)+arccos(x)", "pi/2"},
                             {"sqrt(-1-x^2)", "i*sqrt(1+x^2)"},
                             {"z+conjugate(z)", "2*re(z)"},
                             {"x^(10^12)", "x^(10^12-1)*x"},
                             {"(x+y+z+w)^200", "(w+z+y+x)^199*(x+y+z+w)"},
                             {"pi*r^2*h/3", "h*r^2*pi/3"},
                             {"0.5*x", "x/2"},
                         }));

INSTANTIATE_TEST_SUITE_P(Numbers,
                         DifferentValues,
                         ::testing::ValuesIn(std::vector<Pair>{
                             {"3", "4"},
                             {"3", "-3"},
                             {"1/3", "0.333"},
                             {"1/3", "0.33"},
                             {"10000000000000000000000001", "10000000000000000000000000"},
                             {"10^10^10", "10^10^10+1"},
                             {"i", "-i"},
                             {"oo", "-oo"},
                             {"oo", "10^100"},
                             {"0/0", "0"},
                             {"1/0", "oo"},
                             {"0^0", "1"},
                             {"log(0)", "-1"},
                             {"1/sin(pi)", "0"},
                             {"tan(pi/2)", "0"},
                             {"(-5)!", "120"},
                             {"oo-oo", "0"},
                             {"1/(sqrt(4)-2)", "1"},
                         }));

INSTANTIATE_TEST_SUITE_P(Closed,
                         DifferentValues,
                         ::testing::ValuesIn(std::vector<Pair>{
                             // They differ by 7.5e-13, 9e-16 and 1e-42 of themselves.
                             {"exp(pi*sqrt(163))", "262537412640768744"},
                             {"pi", "3141592653589793238462643383279502884197/10^39"},
                             {"sqrt(2)+sqrt(3)", "pi"},
                             {"22/7", "pi"},
                             {"355/113", "pi"},
                             {"sin(1)+1/10^30", "sin(1)"},
                             {"exp(1)*(1+1/10^60)", "e"},
                             {"sqrt(10^80+1)", "10^40"},
                             {"2^(1/1000000000)", "1"},
                             {"sqrt(2)", "-sqrt(2)"},
                             {"e^pi", "pi^e"},
                         }));

INSTANTIATE_TEST_SUITE_P(WithSymbols,
                         DifferentValues,
                         ::testing::ValuesIn(std::vector<Pair>{
                             {"x+1", "y+1"},
                             {"x", "X"},
                             {"(x+1)^2", "x^2+1"},
                             {"x+2*n+1", "x+1"},
                             {"(a+5)*(b+2)", "5*(b+2)"},
                             {"sqrt(x^2)", "x"},
                             {"abs(x)", "x"},
                             {"x+1/10^40", "x"},
                             {"sin(x)+1/10^30", "sin(x)"},
                             {"sin(x)", "cos(x)"},
                             {"x^(10^12)", "2*x^(10^12)"},
                             {"z*conjugate(z)", "z^2"},
                             {"x^n", "n^x"},
                             {"floor(x)", "x"},
                             {"log(x)", "log(x)/log(10)"},
                             {"x", "5"},
                         }));

TEST(EqualValues, AreTheSameAsThemselvesHoweverUndefined) {
  for (const char* text :
       {"0/0", "1/sin(pi)", "0^0", "9^9^9^9", "sin(10^10000)", "log(x-x)", "oo-oo"}) {
    EXPECT_EQ(compare(value(text), value(text)).sameness, Sameness::kSame) << text;
  }
}

TEST(EqualValues, AreUnknownRatherThanGuessedWhereNothingDecides) {
  // A sine of so large a number would need 33,000 bits, the tower more than there are atoms.
  EXPECT_EQ(sameness_of({"sin(10^10000)", "1/2"}), Sameness::kUnknown);
  EXPECT_EQ(sameness_of({"9^9^9^9", "9^9^9^8"}), Sameness::kUnknown);
}

TEST(EqualValues, NameTheMethodThatDecided) {
  EXPECT_EQ(compare(value("1/2"), value("0.5")).reason, "equal_exact");
  EXPECT_EQ(compare(value("x*y"), value("y*x")).reason, "equal_form");
  EXPECT_EQ(compare(value("(x+1)^2"), value("x^2+2*x+1")).reason, "equal_polynomial");
  EXPECT_EQ(compare(value("sqrt(2)*sqrt(3)"), value("sqrt(6)")).reason, "equal_numeric");
  EXPECT_EQ(compare(value("sin(x)^2+cos(x)^2"), value("1")).reason, "equal_points");
}

TEST(EqualValues, HaveNormalFormsThatDoNotDependOnTheSpelling) {
  const Equality one = compare(value("(x+1)^2*3/6"), value("1/2 + x + x*x/2"));
  const Equality other = compare(value("1/2 + x + x*x/2"), value("(x+1)^2*3/6"));

  EXPECT_EQ(one.a_form, "1/2*x^2 + x + 1/2");
  EXPECT_EQ(one.b_form, one.a_form);
  EXPECT_EQ(other.a_form, one.a_form);
  EXPECT_EQ(compare(value("oo"), value("-oo")).b_form, "-oo");
}

TEST(EqualValues, AreTransitiveOnSamples) {
  const std::vector<const char*> same = {"2", "sqrt(4)", "log(e^2)", "2.0", "4*sin(pi/6)", "x/x+1"};
  for (const char* a : same) {
    for (const char* b : same) EXPECT_EQ(sameness_of({a, b}), Sameness::kSame) << a << " " << b;
  }
}

}  // namespace
}  // namespace stratagram::math
