// Equations, inequalities, intervals and unions.
#include <gtest/gtest.h>

#include "math/equal.h"
#include "tests/math/reader.h"

namespace stratagram::math {
namespace {

using testing::inequality;
using testing::interval;
using testing::labelled;
using testing::of_answers;
using testing::of_parts;
using testing::value;

std::string reason_of(const Answer& gold, const Answer& predicted) {
  const Equality found = compare(gold, predicted);
  const Equality back = compare(predicted, gold);
  EXPECT_EQ(found.sameness, back.sameness) << found.reason << " " << back.reason;
  return found.reason;
}

Answer equation(const std::vector<std::string>& sides) {
  return of_parts(AnswerKind::kEquation, sides);
}

Answer set(const std::vector<std::string>& parts) {
  return of_parts(AnswerKind::kSet, parts);
}

Answer union_of(std::vector<Answer> parts) {
  return of_answers(AnswerKind::kUnion, std::move(parts));
}

TEST(EqualEquations, AreProportional) {
  EXPECT_EQ(reason_of(labelled("y", "2*x+1"), equation({"2*x-y+1", "0"})), "equal_equation");
  EXPECT_EQ(reason_of(equation({"2*x+4*y-3", "0"}), labelled("y", "-x/2+3/4")), "equal_equation");
  EXPECT_EQ(reason_of(equation({"x^2/4+y^2/3", "1"}), equation({"x^2/16+y^2/12", "1/4"})),
            "equal_equation");
  EXPECT_EQ(
      reason_of(equation({"34*x+45*y-20*z+100", "0"}), equation({"-34*x-45*y+20*z-100", "0"})),
      "equal_equation");
  EXPECT_EQ(reason_of(equation({"sqrt(2)*x", "y"}), equation({"2*x", "sqrt(2)*y"})),
            "equal_equation");
  EXPECT_EQ(reason_of(equation({"sin(x)", "y"}), equation({"3*y", "3*sin(x)"})), "equal_equation");
  EXPECT_EQ(reason_of(equation({"x/2", "y/3", "z/4"}), equation({"z/4", "y/3", "x/2"})),
            "equal_equation");
  EXPECT_EQ(reason_of(equation({"x/2", "y/3", "z/4"}), equation({"6*x", "4*y", "3*z"})),
            "equal_equation");
}

TEST(EqualEquations, AreNoValuesAndNoOtherEquations) {
  EXPECT_EQ(reason_of(equation({"x^2+y^2", "1"}), equation({"x^2+y^2", "2"})),
            "different_equation");
  EXPECT_EQ(reason_of(equation({"x", "y"}), equation({"x^2", "y^2"})), "different_equation");
  EXPECT_EQ(reason_of(equation({"sin(x)", "y"}), equation({"cos(x)", "y"})), "different_equation");
  EXPECT_EQ(reason_of(equation({"a+3*z", "0"}), value("0")), "different_kind");
  EXPECT_EQ(reason_of(equation({"2*x+z", "1"}), value("1")), "different_kind");
  EXPECT_EQ(reason_of(equation({"1", "1"}), equation({"2", "2"})), "different_equation");
  EXPECT_EQ(reason_of(equation({"x", "y", "z"}), equation({"x", "y"})), "different_equation");
  EXPECT_EQ(reason_of(equation({"x", "y"}), equation({"x-x", "0"})), "different_equation");
}

TEST(EqualInequalities, MayBeTurnedAndScaled) {
  const auto less = Relation::kLess;
  const auto at_most = Relation::kLessEqual;
  const auto above = Relation::kGreater;
  const auto at_least = Relation::kGreaterEqual;
  EXPECT_EQ(reason_of(inequality({"x", "5"}, {at_most}), inequality({"5", "x"}, {at_least})),
            "equal_inequality");
  EXPECT_EQ(reason_of(inequality({"x", "1"}, {less}), inequality({"-x", "-1"}, {above})),
            "equal_inequality");
  EXPECT_EQ(reason_of(inequality({"x+y", "1"}, {less}), inequality({"2-2*y", "2*x"}, {above})),
            "equal_inequality");
  EXPECT_EQ(reason_of(inequality({"0", "x", "5"}, {less, at_most}),
                      inequality({"5", "x", "0"}, {at_least, above})),
            "equal_inequality");
  EXPECT_EQ(reason_of(inequality({"x", "1"}, {less}), inequality({"x", "-1"}, {above})),
            "different_inequality");
  EXPECT_EQ(reason_of(inequality({"x", "1"}, {less}), inequality({"x", "1"}, {at_most})),
            "different_inequality");
  EXPECT_EQ(reason_of(inequality({"x", "1"}, {less}), inequality({"y", "1"}, {less})),
            "different_inequality");
  EXPECT_EQ(reason_of(inequality({"x", "3"}, {Relation::kNotEqual}),
                      inequality({"3", "x"}, {Relation::kNotEqual})),
            "equal_inequality");
}

TEST(EqualInequalities, OfAbsoluteValuesAreTheIntervalsTheySolveTo) {
  const auto outside = [](const char* low, const char* high) {
    return of_answers(AnswerKind::kUnion, {interval(low), interval(high)});
  };
  EXPECT_EQ(reason_of(inequality({"abs(x)", "2"}, {Relation::kLess}), interval("(-2, 2)")),
            "equal_interval");
  EXPECT_EQ(reason_of(inequality({"abs(x)", "2"}, {Relation::kLess}), interval("[-2, 2]")),
            "different_ends");
  EXPECT_EQ(reason_of(inequality({"abs(x)", "2"}, {Relation::kLess}), interval("(-2, 3)")),
            "different_value");
  EXPECT_EQ(reason_of(inequality({"4", "abs(2*x-6)"}, {Relation::kGreaterEqual}),
                      inequality({"1", "x", "5"}, {Relation::kLessEqual, Relation::kLessEqual})),
            "equal_interval");
  EXPECT_EQ(reason_of(inequality({"abs(1-x)", "2"}, {Relation::kGreaterEqual}),
                      outside("(-oo, -1]", "[3, oo)")),
            "equal_interval");
  EXPECT_EQ(
      reason_of(inequality({"abs(x)", "2"}, {Relation::kGreater}), outside("(-oo, -2)", "[2, oo)")),
      "different_ends");
  EXPECT_EQ(reason_of(inequality({"abs(x)", "-1"}, {Relation::kGreater}), interval("(-oo, oo)")),
            "equal_interval");
}

TEST(EqualInequalities, AreTheIntervalsTheySolveTo) {
  EXPECT_EQ(reason_of(inequality({"x", "2"}, {Relation::kGreater}), interval("(2, oo)")),
            "equal_interval");
  EXPECT_EQ(reason_of(inequality({"x", "2"}, {Relation::kGreater}), interval("[2, oo)")),
            "different_ends");
  EXPECT_EQ(reason_of(interval("(-2, 2]"),
                      inequality({"-3", "2*x+1", "5"}, {Relation::kLess, Relation::kLessEqual})),
            "equal_interval");
  EXPECT_EQ(
      reason_of(inequality({"x", "sqrt(8)"}, {Relation::kLess}), interval("(-oo, 2*sqrt(2))")),
      "equal_interval");
  EXPECT_EQ(reason_of(inequality({"x", "3"}, {Relation::kNotEqual}),
                      union_of({interval("(3, oo)"), interval("(-oo, 3)")})),
            "equal_interval");
}

TEST(EqualIntervals, HaveOpenAndClosedEnds) {
  EXPECT_EQ(reason_of(interval("[0, 1)"), interval("[0, 2/2)")), "equal_interval");
  EXPECT_EQ(reason_of(interval("[0, 1)"), interval("(0, 1)")), "different_ends");
  EXPECT_EQ(reason_of(interval("[0, 1)"), interval("[0, 9)")), "different_value");
  EXPECT_EQ(reason_of(interval("[0, oo)"), interval("[0, oo]")), "equal_interval");
  EXPECT_EQ(reason_of(interval("(3/5, 8/3]"), interval("(0.6, 2.6667]")), "different_value");
  EXPECT_EQ(reason_of(interval("(3/5, 8/3]"), interval("(0.6, 2.66667]")), "equal_interval");
  EXPECT_EQ(reason_of(interval("(a, b)"), interval("(a, b)")), "equal_form");
}

TEST(EqualUnions, HaveNoOrderAndJoinWhatTouches) {
  EXPECT_EQ(reason_of(union_of({interval("[0, 1)"), interval("(2, 3]")}),
                      union_of({interval("(2, 3]"), interval("[0, 1)")})),
            "equal_set");
  EXPECT_EQ(reason_of(union_of({set({"-1"}), interval("[0, 7)")}),
                      union_of({interval("[0, 7)"), set({"-1"})})),
            "equal_set");
  EXPECT_EQ(reason_of(union_of({interval("[0, 1)"), interval("[1, 2]")}), interval("[0, 2]")),
            "equal_interval");
  EXPECT_EQ(reason_of(union_of({interval("[0, 1)"), set({"1"})}), interval("[0, 1]")),
            "equal_interval");
  EXPECT_EQ(
      reason_of(union_of({interval("[0, sqrt(2))"), interval("(1, pi)")}), interval("[0, pi)")),
      "equal_interval");
  EXPECT_EQ(reason_of(union_of({interval("[0, 1)"), interval("(1, 2]")}), interval("[0, 2]")),
            "missing_part");
  EXPECT_EQ(reason_of(union_of({interval("[0, 1)"), interval("(1, 2]")}),
                      union_of({interval("[0, 1)"), interval("[1, 2]")})),
            "missing_part");
}

}  // namespace
}  // namespace stratagram::math
