#include "math/evaluation.h"

#include <algorithm>

#include "core/stream.h"
#include "math/ball_functions.h"

namespace stratagram::math {
namespace {

constexpr uint64_t kSeed = 0x5eed;

/// A multiple of scale / 2^64 in [0, scale).
void set_draw(arb_ptr out, const Stream& stream, uint64_t position, int64_t scale) {
  arb_set_ui(out, stream.bits(position));
  arb_mul_ui(out, out, static_cast<ulong>(scale), 128);
  arb_mul_2exp_si(out, out, -64);
}

void flip_at_random(arb_ptr out, const Stream& stream, uint64_t position) {
  if (stream.below(2, position) == 1) arb_neg(out, out);
}

bool sum(Ball& out, std::span<const Ball* const> terms, int64_t precision, Budget& budget) {
  if (!budget.pay(steps_at(2 + 6 * static_cast<int64_t>(terms.size()), precision))) return false;
  acb_zero(out.raw());
  for (const Ball* term : terms) acb_add(out.raw(), out.raw(), term->raw(), precision);
  return true;
}

bool product(Ball& out, std::span<const Ball* const> factors, int64_t precision, Budget& budget) {
  if (!budget.pay(steps_at(2 + 7 * static_cast<int64_t>(factors.size()), precision))) return false;
  acb_one(out.raw());
  for (const Ball* factor : factors) acb_mul(out.raw(), out.raw(), factor->raw(), precision);
  return true;
}

/// Costs what the binary digits of an integer exponent cost.
int64_t steps_of_power(const Ball& exponent, int64_t precision) {
  const bool small = acb_is_int(exponent.raw()) != 0 &&
                     arf_cmpabs_2exp_si(arb_midref(acb_realref(exponent.raw())), 4) < 0;
  return steps_at(small ? 20 : 250, precision);
}

}  // namespace

Evaluation::Evaluation(const Graph& graph, std::span<const NodeId> order)
    : graph_(&graph), order_(order), values_(order.size()), left_(order.size()) {}

size_t Evaluation::place(NodeId id) const {
  return static_cast<size_t>(std::lower_bound(order_.begin(), order_.end(), id) - order_.begin());
}

void Evaluation::set_symbol(NodeId id, const Point& point, Ball& out) const {
  const GraphNode& node = graph_->node(id);
  const bool is_symbol = node.term == Term::kSymbol;
  const Stream stream({
      .seed = kSeed,
      .purpose = is_symbol ? "symbol" : "unknown function",
      .problem = is_symbol ? hash_name(graph_->name(id)) : node.hash,
      .sample = point.number,
  });
  acb_zero(out.raw());
  const arb_ptr real = acb_realref(out.raw());
  if (point.domain == Domain::kInteger) {
    return arb_set_ui(real, 1 + stream.below(static_cast<uint64_t>(point.scale), 0));
  }
  set_draw(real, stream, 0, point.scale);
  if (point.domain == Domain::kPositive) return;
  flip_at_random(real, stream, 1);
  if (point.domain == Domain::kReal) return;
  set_draw(acb_imagref(out.raw()), stream, 2, point.scale);
  flip_at_random(acb_imagref(out.raw()), stream, 3);
}

/// A value, or none when the budget is spent.
bool Evaluation::set_value(NodeId id,
                           std::span<const Ball* const> arguments,
                           int64_t precision,
                           const Point& point,
                           Ball& out) const {
  Budget& budget = graph_->budget();
  const GraphNode& node = graph_->node(id);
  switch (node.term) {
    case Term::kNumber: {
      const Exact& exact = graph_->value(id);
      if (!budget.pay(8 + (exact.re.bits() + exact.im.bits()) / 64)) return false;
      arb_set_fmpq(acb_realref(out.raw()), exact.re.raw(), precision);
      arb_set_fmpq(acb_imagref(out.raw()), exact.im.raw(), precision);
      return true;
    }
    case Term::kSymbol:
      if (!budget.pay(25)) return false;
      set_symbol(id, point, out);
      return true;
    case Term::kPi:
      if (!budget.pay(steps_at(4, precision))) return false;
      acb_const_pi(out.raw(), precision);
      return true;
    case Term::kE:
      if (!budget.pay(steps_at(60, precision))) return false;
      acb_zero(out.raw());
      arb_const_e(acb_realref(out.raw()), precision);
      return true;
    case Term::kSum:
      return sum(out, arguments, precision, budget);
    case Term::kProduct:
      return product(out, arguments, precision, budget);
    case Term::kPower:
      if (!budget.pay(steps_of_power(*arguments[1], precision))) return false;
      ball_power(out, *arguments[0], *arguments[1], precision);
      return true;
    case Term::kFunction:
      if (!budget.pay(steps_of_function(node.function, precision))) return false;
      if (node.function == Function::kOther) {
        set_symbol(id, point, out);
      } else if (node.function == Function::kRoot) {
        const int64_t index = graph_->value(node.arguments[1]).re.as_int64().value_or(2);
        ball_root(out, *arguments[0], index, precision);
      } else {
        ball_function(out, node.function, arguments, precision);
      }
      return true;
    case Term::kInfinity:
    case Term::kUndefined:
      acb_indeterminate(out.raw());
  }
  return true;
}

bool Evaluation::run(int64_t precision, const Point& point) {
  std::vector<const Ball*> arguments;
  for (size_t i = 0; i < order_.size(); ++i) {
    const GraphNode& node = graph_->node(order_[i]);
    arguments.clear();
    bool left = false;
    const bool opaque = node.term == Term::kFunction && node.function == Function::kOther;
    bool from_reals = !node.arguments.empty() && !opaque;
    for (const NodeId argument : node.arguments) {
      const size_t its = place(argument);
      arguments.push_back(&values_[its]);
      left = left || left_[its];
      from_reals = from_reals && values_[its].is_real();
    }
    if (!set_value(order_[i], arguments, precision, point, values_[i])) return false;
    left_[i] = left || (from_reals && values_[i].is_finite() && !values_[i].is_real());
  }
  return true;
}

}  // namespace stratagram::math
