// Work is counted: nothing hangs, ends the process or depends on the machine.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "math/budget.h"
#include "math/equal.h"
#include "tests/math/reader.h"

namespace stratagram::math {
namespace {

using testing::of_parts;
using testing::read;
using testing::value;

Answer answer_of(Expression expression) {
  Answer answer;
  answer.kind = AnswerKind::kValue;
  answer.expression = std::move(expression);
  return answer;
}

Answer nested_roots(int depth, int innermost) {
  Expression inner = number(innermost);
  for (int i = 0; i < depth; ++i) {
    inner = call(Function::kRoot, {make(Op::kAdd, {inner, number(i % 7 + 2)}), number(2)});
  }
  return answer_of(inner);
}

std::string joined(int count, const char* format) {
  std::string text;
  for (int i = 1; i <= count; ++i) {
    if (i > 1) text += '+';
    text += fmt::format(fmt::runtime(format), i);
  }
  return text;
}

std::vector<Answer> hostile() {
  std::vector<Answer> all;
  for (const char* text : {"9^9^9^9",
                           "10000!",
                           "10^10^10",
                           "(-10)^(10^10+1)",
                           "sin(10^10000)",
                           "1/sin(pi)",
                           "0/0",
                           "0^0",
                           "log(0)",
                           "(-3)!",
                           "(10^30)!",
                           "binomial(1000000000, 500000000)",
                           "permutations(10^17, 10^16)",
                           "2^(1/1000000000)",
                           "x^(10^12)",
                           "x^(10^30)",
                           "(x^(10^12)+1)^(10^12)",
                           "((x^(2^39)*y)^64*z)^64*((w^(2^39)*y)^64*z)^64",
                           "(x+y+z+w)^200",
                           "((x+1)^60+y)^60",
                           "e^e^e^e^e",
                           "e^(-(10^10^10))",
                           "mod(10^10^10, 7)",
                           "gcd(10^5000+1, 10^4999+3)",
                           "root(2, 10^30)",
                           "root(0, 0)",
                           "root(x, -3)",
                           "factorial(x)^1000",
                           "tan(pi/2)",
                           "arctanh(1)",
                           "oo^oo",
                           "oo*0",
                           "abs(oo)",
                           "max(i, 1)",
                           "floor(i)",
                           "doublefactorial(-7)",
                           "lcm(0, 0)",
                           "1/(sqrt(2)^2-2)"}) {
    all.push_back(value(text));
  }
  all.push_back(value(std::string(10000, '7') + "*" + std::string(10000, '3')));
  all.push_back(value("0." + std::string(19000, '7')));
  all.push_back(value(joined(3000, "1/{}")));
  all.push_back(value(joined(3000, "x{}")));
  all.push_back(value(joined(3000, "x^{}")));
  all.push_back(value(joined(1000, "sin({}*x)")));
  all.push_back(nested_roots(500, 1));
  all.push_back(nested_roots(6000, 2));
  return all;
}

TEST(HostileAnswers, StayWithinTheBudgetAgainstEachOther) {
  const std::vector<Answer> all = hostile();
  const EqualityOptions options;
  for (size_t i = 0; i < all.size(); ++i) {
    for (const size_t j : {size_t{0}, i, (i + 1) % all.size(), (i + 7) % all.size()}) {
      const Equality forth = compare(all[i], all[j], options);

      EXPECT_LE(forth.steps, options.max_steps);
      EXPECT_TRUE(i == j || forth.sameness != Sameness::kSame) << forth.a_form << forth.b_form;
      EXPECT_LE(forth.a_form.size(), 1000U);
    }
  }
}

TEST(HostileAnswers, AreThemselves) {
  for (const Answer& one : hostile()) {
    EXPECT_EQ(compare(one, Answer(one)).sameness, Sameness::kSame) << compare(one, one).a_form;
  }
}

TEST(HostileAnswers, CostTheSameStepsEveryTime) {
  for (const Answer& one : hostile()) {
    const Equality first = compare(value("x+1/3"), one);
    const Equality second = compare(value("x+1/3"), one);
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(first.reason, second.reason);
  }
}

TEST(HostileAnswers, AreNotCalledTheSameForWantOfPrecision) {
  EXPECT_NE(compare(value("sqrt(10^70000+1)"), value("10^35000")).sameness, Sameness::kSame);
  EXPECT_NE(compare(value("10^10^10+sqrt(2)"), value("10^10^10")).sameness, Sameness::kSame);
  EXPECT_NE(compare(value("e^(10^15)+1"), value("e^(10^15)")).sameness, Sameness::kSame);
  EXPECT_NE(compare(nested_roots(500, 1), nested_roots(500, 2)).sameness, Sameness::kSame);
  EXPECT_EQ(compare(value("sqrt(10^2000+1)"), value("10^1000")).sameness, Sameness::kDifferent);
}

TEST(HostileAnswers, OfSharedPartsAreReadOnce) {
  Expression doubled = symbol("x");
  for (int i = 0; i < 200; ++i) doubled = make(Op::kAdd, {doubled, doubled});

  // The tree has 2^200 leaves.
  EXPECT_EQ(compare(answer_of(doubled), value("2^200*x")).sameness, Sameness::kSame);
}

TEST(Budget, ThatIsTooSmallGivesNoVerdict) {
  for (const char* text : {"(x+1)^2", "sqrt(2)*sqrt(3)", "sin(x)^2"}) {
    for (int64_t steps = 0; steps < 400; steps += 7) {
      const Equality found = compare(value(text), value("x^2+2*x+7"), {.max_steps = steps});
      EXPECT_NE(found.sameness, Sameness::kSame);
      EXPECT_LE(found.steps, steps);
    }
  }
  EXPECT_EQ(compare(value("1"), value("2"), {.max_steps = 0}).reason, "budget_spent");
  EXPECT_EQ(compare(value("1"), value("2"), {.max_steps = -1}).sameness, Sameness::kUnknown);
}

TEST(Budget, OnceRefusedPaysNothingMore) {
  Budget budget(10);
  EXPECT_TRUE(budget.pay(4));
  EXPECT_FALSE(budget.pay(7));
  EXPECT_FALSE(budget.pay(1));
  EXPECT_TRUE(budget.spent());
}

}  // namespace
}  // namespace stratagram::math
