#include "math/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "math/parse.h"
#include "tests/math/random_expression.h"

namespace stratagram::math {
namespace {

bool same_tree(const Expression& a, const Expression& b) {
  const bool same_node = a->op == b->op && a->function == b->function && a->value == b->value &&
                         a->name == b->name && a->arguments.size() == b->arguments.size();
  for (size_t i = 0; same_node && i < a->arguments.size(); ++i) {
    if (!same_tree(a->arguments[i], b->arguments[i])) return false;
  }
  return same_node;
}

TEST(ExpressionText, PutsBracketsWhereTheMeaningNeedsThem) {
  const Expression x = symbol("x");
  const Expression sum = make(Op::kAdd, {x, number(-3)});

  EXPECT_EQ(to_text(sum), "x - 3");
  EXPECT_EQ(to_text(make(Op::kMultiply, {number(2), sum})), "2*(x - 3)");
  EXPECT_EQ(to_text(make(Op::kPower, {number(-2), number(Rational(1, 2))})), "(-2)^(1/2)");
  EXPECT_EQ(to_text(make(Op::kNegate, {make(Op::kPower, {x, number(2)})})), "-x^2");
  EXPECT_EQ(to_text(make(Op::kDivide, {number(1), make(Op::kMultiply, {number(2), x})})),
            "1/(2*x)");
}

TEST(ExpressionText, StopsAtTheLimit) {
  std::vector<Expression> terms(1000, symbol("x"));

  EXPECT_EQ(to_text(make(Op::kAdd, std::move(terms)), 8), "x + x + ...");
}

TEST(ExpressionText, IsReadBackAsTheSameTree) {
  RandomExpression random(5, "round_trip");
  for (int i = 0; i < 4000; ++i) {
    const Expression tree = random.draw(static_cast<int>(random.below(5)));
    const std::string text = to_text(tree);
    if (text.ends_with("...")) continue;

    const Parsed parsed = parse_answer(text);

    ASSERT_FALSE(parsed.readings.empty()) << text << ": " << parsed.fault;
    const Answer& first = parsed.readings.front();
    // "A" is first the letter of a choice.
    const Answer& answer = first.kind == AnswerKind::kChoice ? parsed.readings[1] : first;
    ASSERT_EQ(answer.kind, AnswerKind::kValue) << text << " became " << to_text(answer);
    ASSERT_TRUE(same_tree(answer.expression, tree)) << text;
  }
}

TEST(ExpressionTree, OfAnyDepthIsTakenApartWithoutRecursion) {
  Expression deep = symbol("x");
  for (int i = 0; i < 1'000'000; ++i) deep = make(Op::kNegate, {deep});

  deep = symbol("y");

  EXPECT_EQ(to_text(deep), "y");
}

TEST(ExpressionTree, NamesEachSymbolOnceInOrder) {
  const Expression x = symbol("x");
  const Expression tree =
      make(Op::kAdd, {symbol("z"), make(Op::kMultiply, {x, call_other("f", {symbol("a_1"), x})})});

  EXPECT_THAT(symbols_of(tree), testing::ElementsAre("a_1", "x", "z"));
}

TEST(ExpressionTree, VisitsPartsThatAreSharedOnce) {
  // 2^60 paths lead to the leaf.
  Expression shared = symbol("x");
  for (int i = 0; i < 60; ++i) shared = make(Op::kAdd, {shared, shared});

  EXPECT_THAT(symbols_of(shared), testing::ElementsAre("x"));
}

TEST(ExpressionTree, RefusesAWrongNumberOfArguments) {
  EXPECT_THROW((void)call(Function::kRoot, {symbol("x")}), Error);
  EXPECT_NO_THROW((void)call(Function::kMax, {symbol("x")}));
}

}  // namespace
}  // namespace stratagram::math
