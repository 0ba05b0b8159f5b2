#include "math/values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "math/evaluation.h"

namespace stratagram::math {
namespace {

/// Bits of the balls, lowest first. At the last one, balls that overlap count as equal, so it grows
/// with what can bring different values close together: long numbers (sqrt(10^2000 + 1) and
/// 10^1000) and many operations (roots nested 500 deep, which hardly depend on the innermost
/// number).
using Precisions = std::array<int64_t, 3>;
constexpr Precisions kPrecisions = {64, 256, 1024};
/// The same at random points, where equality by chance is excluded by the randomness.
constexpr Precisions kPointPrecisions = {96, 256, 768};

Precisions precisions_for(const Graph& graph, std::span<const NodeId> order, Precisions start) {
  int64_t bits = 0;
  for (const NodeId id : order) {
    if (graph.is_number(id)) bits += graph.value(id).re.bits() + graph.value(id).im.bits();
  }
  constexpr int64_t kFewNodes = 64;
  const auto nodes = static_cast<int64_t>(order.size());
  start.back() += 2 * bits + 4 * std::max<int64_t>(0, nodes - kFewNodes);
  return start;
}

/// Symbols in every range that a formula may want: logarithms positive ones, arcsines small ones,
/// sums over n integers, sqrt(x - 100) large ones. Equal formulas agree at all of them where they
/// are defined.
constexpr std::array<Point, 16> kRealPoints = {{
    {Domain::kPositive, 1, 0},
    {Domain::kPositive, 4, 1},
    {Domain::kPositive, 60, 2},
    {Domain::kReal, 1, 3},
    {Domain::kReal, 4, 4},
    {Domain::kReal, 60, 5},
    {Domain::kInteger, 6, 6},
    {Domain::kInteger, 12, 7},
    {Domain::kPositive, 1, 8},
    {Domain::kPositive, 10000, 9},
    {Domain::kInteger, 9, 10},
    {Domain::kReal, 4, 11},
    {Domain::kPositive, 200, 12},
    {Domain::kReal, 300, 13},
    {Domain::kPositive, 3000, 14},
    {Domain::kPositive, 1000000, 15},
}};
constexpr std::array<Point, 4> kComplexPoints = {{
    {Domain::kComplex, 1, 20},
    {Domain::kComplex, 4, 21},
    {Domain::kComplex, 60, 22},
    {Domain::kReal, 4, 23},
}};
constexpr int kEnoughPoints = 3;

enum class Gap { kZero, kNonzero, kUnclear };

/// Whether a difference of balls of that precision is zero.
Gap gap_of(const Ball& a, const Ball& b, int64_t precision) {
  if (!a.is_finite() || !b.is_finite()) return Gap::kUnclear;
  Ball difference;
  acb_sub(difference.raw(), a.raw(), b.raw(), precision);
  if (acb_contains_zero(difference.raw()) == 0) return Gap::kNonzero;
  mag_t size;
  mag_t error;
  mag_init(size);
  mag_init(error);
  acb_get_mag(size, a.raw());
  acb_get_mag(error, difference.raw());
  const mag_srcptr radius = error;
  // Relative to the numbers, or to 1 where they are smaller.
  if (mag_cmp_2exp_si(size, 0) < 0) mag_one(size);
  // Beside 10^(10^10) the balls would hide a difference of 1.
  const bool is_moderate = mag_cmp_2exp_si(size, precision) < 0;
  mag_mul_2exp_si(size, size, -precision / 3);
  const bool is_tiny = is_moderate && mag_cmp(radius, size) <= 0;
  mag_clear(size);
  mag_clear(error);
  return is_tiny ? Gap::kZero : Gap::kUnclear;
}

Verdict compare_closed(Graph& graph, NodeId a, NodeId b) {
  const std::array<NodeId, 2> roots = {a, b};
  const std::vector<NodeId> order = graph.below(roots);
  if (graph.budget().spent()) return unknown("budget_spent");
  Evaluation evaluation(graph, order);
  Gap last = Gap::kUnclear;
  for (const int64_t precision : precisions_for(graph, order, kPrecisions)) {
    if (!evaluation.run(precision, {})) return unknown("budget_spent");
    last = gap_of(evaluation.at(a), evaluation.at(b), precision);
    if (last == Gap::kNonzero) return different("different_value");
  }
  return last == Gap::kZero ? same("equal_numeric") : unknown("undecided");
}

bool is_complex(const Graph& graph, std::span<const NodeId> order) {
  return std::any_of(order.begin(), order.end(), [&](NodeId id) {
    const GraphNode& node = graph.node(id);
    return node.term == Term::kFunction &&
           (node.function == Function::kRe || node.function == Function::kIm ||
            node.function == Function::kConjugate);
  });
}

std::span<const Point> points_for(const Graph& graph, std::span<const NodeId> order) {
  if (is_complex(graph, order)) return kComplexPoints;
  return kRealPoints;
}

/// Two formulas at one point.
struct Meeting {
  Gap gap = Gap::kUnclear;
  bool real = true;  ///< neither left the reals; only such points count where there are any
};

std::optional<Meeting> meet(Evaluation& evaluation,
                            std::array<NodeId, 2> formulas,
                            const Point& point,
                            const Precisions& precisions) {
  const auto [a, b] = formulas;
  Meeting result;
  for (const int64_t precision : precisions) {
    if (!evaluation.run(precision, point)) return std::nullopt;
    result.gap = gap_of(evaluation.at(a), evaluation.at(b), precision);
    result.real = !evaluation.left_the_reals(a) && !evaluation.left_the_reals(b);
    if (result.gap == Gap::kNonzero) return result;
    // The first points are looked at more closely, since formulas may differ by very little.
    const bool close = point.number <= 1 || point.number == 20;
    if (result.gap == Gap::kZero && !close) return result;
  }
  return result;
}

Verdict compare_at_points(Graph& graph, NodeId a, NodeId b) {
  const std::array<NodeId, 2> roots = {a, b};
  const std::vector<NodeId> order = graph.below(roots);
  if (graph.budget().spent()) return unknown("budget_spent");
  Evaluation evaluation(graph, order);
  const Precisions precisions = precisions_for(graph, order, kPointPrecisions);
  int agreed = 0;
  int agreed_outside = 0;
  int differed_outside = 0;
  for (const Point& point : points_for(graph, order)) {
    const auto met = meet(evaluation, roots, point, precisions);
    if (!met) return unknown("budget_spent");
    if (met->gap == Gap::kNonzero) {
      if (met->real) return different("different_value");
      ++differed_outside;
    }
    if (met->gap == Gap::kZero) ++(met->real ? agreed : agreed_outside);
  }
  if (agreed >= kEnoughPoints) return same("equal_points");
  if (agreed > 0) return unknown("undecided");
  if (differed_outside > 0) return different("different_value");
  return agreed_outside >= kEnoughPoints ? same("equal_points") : unknown("undecided");
}

/// |a - b| against a bound, for real numbers; empty where that is not clear.
std::optional<bool> within(Graph& graph, NodeId a, NodeId b, const Rational& bound) {
  if (graph.is_number(a) && graph.is_number(b)) {
    if (!graph.value(a).is_real() || !graph.value(b).is_real()) return false;
    const Exact minus_b{-graph.value(b).re, 0};
    const Exactly gap = exact_sum(graph.value(a), minus_b, graph.budget());
    if (gap.finding != Finding::kValue) return std::nullopt;
    const Rational& size = gap.value.re;
    return !(bound < (size.sign() < 0 ? -size : size));
  }
  const std::array<NodeId, 2> roots = {a, b};
  const std::vector<NodeId> order = graph.below(roots);
  if (graph.budget().spent()) return std::nullopt;
  Evaluation evaluation(graph, order);
  Ball limit;
  for (const int64_t precision : precisions_for(graph, order, kPrecisions)) {
    if (!evaluation.run(precision, {})) return std::nullopt;
    Ball gap;
    acb_sub(gap.raw(), evaluation.at(a).raw(), evaluation.at(b).raw(), precision);
    if (!gap.is_finite()) continue;
    arb_set_fmpq(acb_realref(limit.raw()), bound.raw(), precision);
    acb_abs(acb_realref(gap.raw()), gap.raw(), precision);
    if (arb_le(acb_realref(gap.raw()), acb_realref(limit.raw())) != 0) return true;
    if (arb_gt(acb_realref(gap.raw()), acb_realref(limit.raw())) != 0) return false;
  }
  return std::nullopt;
}

/// Half a unit of the last digit.
Rational half_unit(const Precision& precision) {
  const Rational unit = Rational(10).to_the(-int64_t{precision.decimals});
  return unit * Rational(1, 2);
}

bool is_decimal(const Value& value) {
  return value.precision && value.precision->is_decimal;
}

bool is_rounded(Graph& graph, const Value& rounded, const Value& whole, int min_digits) {
  constexpr int32_t kMostDecimals = 5000;
  if (!is_decimal(rounded) || rounded.precision->significant_digits < min_digits) return false;
  const int32_t decimals = rounded.precision->decimals;
  if (decimals > kMostDecimals || decimals < -kMostDecimals) return false;
  if (is_decimal(whole) && whole.precision->decimals <= decimals) return false;
  if (!is_decimal(whole) && graph.is_number(whole.node) && graph.value(whole.node).is_integer()) {
    return false;
  }
  return within(graph, rounded.node, whole.node, half_unit(*rounded.precision)).value_or(false);
}

/// A decimal fraction that is no larger than `value`, which is finite.
Rational rational_of(double value) {
  Rational result;
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  const auto digits = static_cast<int64_t>(std::ldexp(mantissa, 53));
  return Rational(digits) * Rational(2).to_the(exponent - 53);
}

}  // namespace

Verdict compare_nodes(Graph& graph, NodeId a, NodeId b) {
  if (graph.budget().spent()) return unknown("budget_spent");
  if (graph.is_undefined(a) || graph.is_undefined(b)) {
    return a == b ? unknown("undefined_value") : different("undefined_value");
  }
  if (a == b) return same(graph.is_number(a) ? "equal_exact" : "equal_form");
  if (graph.infinity_sign(a) != 0 || graph.infinity_sign(b) != 0) {
    return different("different_value");
  }
  if (graph.is_number(a) && graph.is_number(b)) return different("different_value");
  const std::array<NodeId, 2> roots = {a, b};
  switch (RationalForms(graph, roots).equal(a, b)) {
    case Proof::kHolds:
      return same("equal_polynomial");
    case Proof::kFails:
      return different("different_value");
    case Proof::kOpen:
      break;
  }
  if (graph.node(a).has_symbols || graph.node(b).has_symbols) return compare_at_points(graph, a, b);
  return compare_closed(graph, a, b);
}

Verdict compare_values(Graph& graph,
                       const Value& gold,
                       const Value& predicted,
                       const Tolerance& tolerance) {
  const Verdict exact = compare_nodes(graph, gold.node, predicted.node);
  const bool comparable =
      !graph.is_undefined(gold.node) && !graph.is_undefined(predicted.node) &&
      graph.infinity_sign(gold.node) == 0 && graph.infinity_sign(predicted.node) == 0 &&
      !graph.node(gold.node).has_symbols && !graph.node(predicted.node).has_symbols;
  if (exact.is_same() || !comparable || graph.budget().spent()) return exact;
  if (tolerance.absolute && std::isfinite(*tolerance.absolute) &&
      within(graph, gold.node, predicted.node, rational_of(*tolerance.absolute)).value_or(false)) {
    return same("equal_within_error");
  }
  if (!is_decimal(gold) && !is_decimal(predicted)) return exact;
  const int digits = std::max(1, tolerance.min_significant_digits);
  if (is_rounded(graph, predicted, gold, digits) || is_rounded(graph, gold, predicted, digits)) {
    return same("equal_rounded");
  }
  // Two integers differ by one at least, which is no noise.
  const auto is_integer = [&](NodeId id) {
    return graph.is_number(id) && graph.value(id).is_integer();
  };
  const bool both_integers = is_integer(gold.node) && is_integer(predicted.node);
  if (tolerance.relative > 0 && std::isfinite(tolerance.relative) && !both_integers) {
    const NodeId factor = graph.number({rational_of(tolerance.relative), 0});
    const NodeId bound = graph.product(std::array<NodeId, 2>{factor, gold.node});
    const std::array<NodeId, 2> low = {gold.node, bound};
    const NodeId high = graph.sum(low);
    const NodeId under = graph.difference(gold.node, bound);
    const auto below = order_of(graph, predicted.node, high);
    const auto above = order_of(graph, predicted.node, under);
    // The two bounds change places for a negative gold value.
    if (below && above && *below * *above <= 0) return same("equal_within_error");
  }
  return graph.budget().spent() ? unknown("budget_spent") : exact;
}

std::optional<int> order_of(Graph& graph, NodeId a, NodeId b) {
  if (a == b) return 0;
  const int a_infinite = graph.infinity_sign(a);
  const int b_infinite = graph.infinity_sign(b);
  if (a_infinite != b_infinite) return a_infinite < b_infinite ? -1 : 1;
  if (graph.node(a).has_symbols || graph.node(b).has_symbols || graph.is_undefined(a) ||
      graph.is_undefined(b)) {
    return std::nullopt;
  }
  if (graph.is_number(a) && graph.is_number(b)) {
    if (!graph.value(a).is_real() || !graph.value(b).is_real()) return std::nullopt;
    return graph.value(a).re < graph.value(b).re ? -1 : 1;
  }
  const std::array<NodeId, 2> roots = {a, b};
  const std::vector<NodeId> order = graph.below(roots);
  if (graph.budget().spent()) return std::nullopt;
  Evaluation evaluation(graph, order);
  const Precisions precisions = precisions_for(graph, order, kPrecisions);
  for (const int64_t precision : precisions) {
    if (!evaluation.run(precision, {})) return std::nullopt;
    if (!evaluation.at(a).is_real() || !evaluation.at(b).is_real()) return std::nullopt;
    const arb_srcptr left = acb_realref(evaluation.at(a).raw());
    const arb_srcptr right = acb_realref(evaluation.at(b).raw());
    if (arb_lt(left, right) != 0) return -1;
    if (arb_gt(left, right) != 0) return 1;
    if (precision == precisions.back() &&
        gap_of(evaluation.at(a), evaluation.at(b), precision) == Gap::kZero) {
      return 0;
    }
  }
  return std::nullopt;
}

namespace {

/// a(p) and b(p) at a first point where both are finite and not 0.
struct Start {
  Ball a{};
  Ball b{};
  uint64_t point = 0;
};

std::optional<Start> start_of(
    Evaluation& evaluation, NodeId a, NodeId b, int64_t precision, std::span<const Point> points) {
  for (const Point& point : points) {
    if (!evaluation.run(precision, point)) return std::nullopt;
    const Ball& left = evaluation.at(a);
    const Ball& right = evaluation.at(b);
    const bool real = !evaluation.left_the_reals(a) && !evaluation.left_the_reals(b);
    if (real && left.is_finite() && right.is_finite() && acb_contains_zero(left.raw()) == 0 &&
        acb_contains_zero(right.raw()) == 0) {
      return Start{left, right, point.number};
    }
  }
  return std::nullopt;
}

}  // namespace

Proportion compare_proportion(Graph& graph, NodeId a, NodeId b) {
  if (graph.budget().spent()) return {unknown("budget_spent")};
  const std::array<NodeId, 2> roots = {a, b};
  Rational factor;
  switch (RationalForms(graph, roots).proportional(a, b, factor)) {
    case Proof::kHolds:
      return {same("equal_polynomial"), factor.sign()};
    case Proof::kFails:
      return {different("different_value")};
    case Proof::kOpen:
      break;
  }
  const std::vector<NodeId> order = graph.below(roots);
  if (graph.budget().spent()) return {unknown("budget_spent")};
  constexpr int64_t kPrecision = 256;
  Evaluation evaluation(graph, order);
  const auto points = points_for(graph, order);
  const auto start = start_of(evaluation, a, b, kPrecision, points);
  if (!start) return {unknown(graph.budget().spent() ? "budget_spent" : "undecided")};
  int agreed = 0;
  for (const Point& point : points) {
    if (point.number == start->point) continue;
    if (!evaluation.run(kPrecision, point)) return {unknown("budget_spent")};
    if (evaluation.left_the_reals(a) || evaluation.left_the_reals(b)) continue;
    Ball left;
    Ball right;
    acb_mul(left.raw(), evaluation.at(a).raw(), start->b.raw(), kPrecision);
    acb_mul(right.raw(), evaluation.at(b).raw(), start->a.raw(), kPrecision);
    const Gap gap = gap_of(left, right, kPrecision);
    if (gap == Gap::kNonzero) return {different("different_value")};
    if (gap == Gap::kZero) ++agreed;
  }
  if (agreed < kEnoughPoints) return {unknown("undecided")};
  Ball ratio;
  acb_div(ratio.raw(), start->a.raw(), start->b.raw(), kPrecision);
  const int sign = ratio.is_real() ? arb_sgn_nonzero(acb_realref(ratio.raw())) : 0;
  return {same("equal_points"), sign};
}

}  // namespace stratagram::math
