// Random expressions: re-spelled by rules that keep their value they stay the same, and where an
// independent evaluation in long double sees two of them differ, they differ.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <map>
#include <optional>

#include "core/stream.h"
#include "math/equal.h"

namespace stratagram::math {
namespace {

using Complex = std::complex<long double>;

class Draws {
 public:
  explicit Draws(uint64_t sample)
      : stream_({.seed = 1, .purpose = "random expressions", .sample = sample}) {}
  uint64_t below(uint64_t bound) { return stream_.below(bound, position_++); }
  long double uniform() { return stream_.uniform(position_++); }

 private:
  Stream stream_;
  uint64_t position_ = 0;
};

Expression random_tree(Draws& draws, int depth) {
  if (depth == 0 || draws.below(6) == 0) {
    switch (draws.below(4)) {
      case 0:
        return symbol("x");
      case 1:
        return symbol("y");
      case 2:
        return number(Rational(static_cast<int64_t>(draws.below(9)) - 3));
      default:
        return number(Rational(static_cast<int64_t>(draws.below(9)) + 1, 4));
    }
  }
  const auto inner = [&] { return random_tree(draws, depth - 1); };
  switch (draws.below(9)) {
    case 0:
    case 1:
      return make(Op::kAdd, {inner(), inner()});
    case 2:
    case 3:
      return make(Op::kMultiply, {inner(), inner()});
    case 4:
      return make(Op::kDivide, {inner(), inner()});
    case 5:
      return make(Op::kPower, {inner(), number(static_cast<int64_t>(draws.below(4)))});
    case 6:
      return make(Op::kNegate, {inner()});
    case 7:
      return call(Function::kRoot, {inner(), number(2)});
    default:
      constexpr Function kSome[] = {Function::kSin, Function::kCos, Function::kExp, Function::kLog};
      return call(kSome[draws.below(4)], {inner()});
  }
}

/// The same value in another spelling, at the root of a tree.
Expression respelled(const Expression& tree, Draws& draws) {
  const Node& node = *tree;
  const auto minus_one = number(-1);
  switch (draws.below(6)) {
    case 0:
      return make(Op::kNegate, {make(Op::kNegate, {tree})});
    case 1:
      return make(Op::kAdd, {number(Rational(3, 7)), tree, number(Rational(-3, 7))});
    case 2:
      return make(Op::kDivide, {make(Op::kMultiply, {number(6), tree}), number(6)});
    default:
      break;
  }
  if ((node.op == Op::kAdd || node.op == Op::kMultiply) && node.arguments.size() == 2) {
    const Expression& a = node.arguments[0];
    const Expression& b = node.arguments[1];
    if (node.op == Op::kMultiply && b->op == Op::kAdd && b->arguments.size() == 2) {
      return make(
          Op::kAdd,
          {make(Op::kMultiply, {b->arguments[1], a}), make(Op::kMultiply, {a, b->arguments[0]})});
    }
    return make(node.op, {b, a});
  }
  if (node.op == Op::kDivide) {
    return make(Op::kMultiply,
                {make(Op::kPower, {node.arguments[1], minus_one}), node.arguments[0]});
  }
  if (node.op == Op::kFunction && node.function == Function::kSin) {
    return call(Function::kCos,
                {make(Op::kAdd,
                      {make(Op::kDivide, {constant(Op::kPi), number(2)}),
                       make(Op::kNegate, {node.arguments[0]})})});
  }
  return make(Op::kMultiply, {number(1), tree});
}

Expression rewritten(const Expression& tree, Draws& draws) {
  std::vector<Expression> arguments;
  for (const Expression& argument : tree->arguments) {
    // The index of a root and an exponent stay numbers.
    arguments.push_back(argument->op == Op::kNumber ? argument : rewritten(argument, draws));
  }
  Expression copy = tree;
  if (!arguments.empty()) {
    copy = tree->op == Op::kFunction ? call(tree->function, arguments) : make(tree->op, arguments);
  }
  return draws.below(3) == 0 ? respelled(copy, draws) : copy;
}

std::optional<Complex> evaluated(const Expression& tree,
                                 const std::map<std::string, long double>& at) {
  std::vector<Complex> values;
  for (const Expression& argument : tree->arguments) {
    const auto value = evaluated(argument, at);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  Complex result = 0;
  switch (tree->op) {
    case Op::kNumber:
      return Complex(tree->value.as_double());
    case Op::kSymbol:
      return Complex(at.at(tree->name));
    case Op::kPi:
      return Complex(std::acos(-1.0L));
    case Op::kAdd:
      for (const Complex& value : values) result += value;
      break;
    case Op::kMultiply:
      result = 1;
      for (const Complex& value : values) result *= value;
      break;
    case Op::kDivide:
      result = values[0] / values[1];
      break;
    case Op::kPower:
      if (values[0] == Complex(0)) return std::nullopt;
      result = std::pow(values[0], static_cast<int>(std::lround(values[1].real())));
      break;
    case Op::kNegate:
      result = -values[0];
      break;
    default:
      if (tree->function == Function::kSin) result = std::sin(values[0]);
      if (tree->function == Function::kCos) result = std::cos(values[0]);
      if (tree->function == Function::kExp) result = std::exp(values[0]);
      if (tree->function == Function::kLog) result = std::log(values[0]);
      if (tree->function == Function::kRoot) result = std::sqrt(values[0]);
      // Beyond the reals branches differ, and huge values cancel.
      if (result.imag() != 0) return std::nullopt;
  }
  const long double size = std::abs(result);
  if (!std::isfinite(size) || size > 1e6L || (size < 1e-6L && size != 0)) return std::nullopt;
  return result;
}

Answer answer_of(Expression expression) {
  Answer answer;
  answer.kind = AnswerKind::kValue;
  answer.expression = std::move(expression);
  return answer;
}

/// Points where both have moderate real values, and at how many of them they clearly differ.
std::pair<int, int> seen(const Expression& a, const Expression& b, Draws& draws) {
  int points = 0;
  int differ = 0;
  for (int i = 0; i < 24; ++i) {
    const long double x = 0.1L + 3 * draws.uniform();
    const long double y = 0.1L + 3 * draws.uniform();
    const auto left = evaluated(a, {{"x", x}, {"y", y}});
    const auto right = evaluated(b, {{"x", x}, {"y", y}});
    if (!left || !right) continue;
    ++points;
    if (std::abs(*left - *right) > 1e-5L * (1 + std::abs(*left))) ++differ;
  }
  return {points, differ};
}

TEST(RandomExpressions, StayTheSameInOtherSpellings) {
  int same = 0;
  int defined = 0;
  for (uint64_t sample = 0; sample < 600; ++sample) {
    Draws draws(sample);
    const Expression tree = random_tree(draws, 4);
    const Expression other = rewritten(tree, draws);

    const Equality found = compare(answer_of(tree), answer_of(other));

    if (found.reason == "undefined_value" || seen(tree, other, draws).first < 12) continue;
    ++defined;
    EXPECT_NE(found.sameness, Sameness::kDifferent)
        << to_text(tree) << " and " << to_text(other) << " (" << sample << ")";
    if (found.sameness == Sameness::kSame) ++same;
  }
  EXPECT_GT(defined, 200);
  EXPECT_GE(same, defined * 98 / 100);
}

TEST(RandomExpressions, DifferWhereTheirValuesDo) {
  int differing = 0;
  for (uint64_t sample = 1000; sample < 1600; ++sample) {
    Draws draws(sample);
    const Expression a = random_tree(draws, 3);
    const Expression b = draws.below(2) == 0
                             ? random_tree(draws, 3)
                             : make(Op::kAdd, {rewritten(a, draws), number(Rational(1, 50))});
    const auto [points, differ] = seen(a, b, draws);
    if (points < 12 || differ < points / 2) continue;
    ++differing;

    const Equality forth = compare(answer_of(a), answer_of(b));
    const Equality back = compare(answer_of(b), answer_of(a));

    EXPECT_EQ(forth.sameness, Sameness::kDifferent)
        << to_text(a) << " and " << to_text(b) << " (" << sample << ")";
    EXPECT_EQ(back.sameness, forth.sameness);
  }
  EXPECT_GT(differing, 150);
}

}  // namespace
}  // namespace stratagram::math
