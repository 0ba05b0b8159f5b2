// math/comparison_units.cpp -- values with units, percent signs and labels.
#include <algorithm>
#include <array>
#include <string_view>

#include "math/comparison.h"
#include "math/units.h"

namespace stratagram::math {
namespace {

/// The exponent of a power of ten, which moves the digits of a decimal and rounds nothing.
std::optional<int32_t> power_of_ten(const Rational& factor) {
  constexpr int32_t kMost = 40;
  for (int32_t i = -kMost; i <= kMost; ++i) {
    if (factor == Rational(10).to_the(i)) return i;
  }
  return std::nullopt;
}

/// None between units of other dimensions.
std::optional<Conversion> conversion_of(const std::string& from, const std::string& into) {
  const auto source = unit_named(from);
  const auto target = unit_named(into);
  if (!source || !target || source->dimension != target->dimension || target->factor.is_zero()) {
    return std::nullopt;
  }
  // A shift of zero has no meaning after a power of pi; no unit has both.
  return Conversion{
      .factor = source->factor / target->factor,
      .pi_power = source->pi_power - target->pi_power,
      .offset = (source->offset - target->offset) / target->factor,
  };
}

bool is_angle(const std::string& unit) {
  const auto known = unit_named(unit);
  const auto radian = unit_named("rad");
  return known && radian && known->dimension == radian->dimension;
}

/// f and x of the label f(x).
struct Signature {
  std::string_view name;
  std::string_view variable;
};

std::optional<Signature> signature_of(std::string_view label) {
  const size_t open = label.find('(');
  if (open == std::string_view::npos || open == 0 || !label.ends_with(')')) return std::nullopt;
  const std::string_view variable = label.substr(open + 1, label.size() - open - 2);
  if (variable.empty() || variable.find_first_of("(), ") != std::string_view::npos) {
    return std::nullopt;
  }
  return Signature{label.substr(0, open), variable};
}

}  // namespace

/// The predicted value of f(t) = t^2 as x^2 for a gold of f(x) = x^2. None where the two labels say
/// anything else, or where x means something else in the predicted value.
std::optional<Value> Comparison::in_the_variable_of(const Answer& gold, const Answer& predicted) {
  const auto wanted = signature_of(gold.label);
  const auto got = signature_of(predicted.label);
  if (!wanted || !got || wanted->name != got->name || wanted->variable == got->variable) {
    return std::nullopt;
  }
  const auto value = value_of(predicted);
  if (!value) return std::nullopt;
  const NodeId from = graph_.symbol(std::string(got->variable));
  const NodeId to = graph_.symbol(std::string(wanted->variable));
  const std::vector<NodeId> below = graph_.below(std::span(&value->node, 1));
  if (std::find(below.begin(), below.end(), to) != below.end()) return std::nullopt;
  const auto node = graph_.renamed(value->node, from, to);
  return node ? std::optional(Value{*node, value->precision}) : std::nullopt;
}

Verdict Comparison::converted(const Answer& gold,
                              const Answer& predicted,
                              const Conversion& conversion) {
  const auto wanted = value_of(gold);
  auto got = value_of(predicted);
  if (!wanted || !got) return unknown(budget_.spent() ? "budget_spent" : "undecided");
  const Rational& factor = conversion.factor;
  if (!(factor == Rational(1)) || conversion.pi_power != 0 || !conversion.offset.is_zero()) {
    const NodeId pi = graph_.add(constant(Op::kPi)).value_or(0);
    const NodeId pi_part = graph_.power(pi, graph_.number({conversion.pi_power, 0}));
    const std::array<NodeId, 3> factors = {graph_.number({factor, 0}), pi_part, got->node};
    const std::array<NodeId, 2> terms = {graph_.product(factors),
                                         graph_.number({conversion.offset, 0})};
    got->node = graph_.sum(terms);
    const auto shift = conversion.pi_power == 0 ? power_of_ten(factor) : std::nullopt;
    if (got->precision && shift && conversion.offset.is_zero()) {
      got->precision->decimals -= *shift;
    } else {
      got->precision.reset();
    }
  }
  return compare_values(graph_, *wanted, *got, options_->tolerance);
}

/// Where at least one of both is a percentage. 50% is 1/2; but the sign is often left out, or put
/// where the question has it already, so the bare number counts too.
Verdict Comparison::percents(const Answer& gold, const Answer& predicted) {
  const bool gold_is_percent = gold.unit == "%";
  const Verdict as_fraction =
      converted(gold, predicted, {.factor = gold_is_percent ? Rational(100) : Rational(1, 100)});
  if (as_fraction.is_same()) return as_fraction;
  const Verdict as_bare = bare(gold, predicted);
  if (!as_bare.is_same()) return as_fraction;
  if (options_->strict_units) return different("different_unit");
  if (gold_is_percent) return as_bare;
  // A gold of 28 asks for percents; one of 0.5 may be a probability, which 0.5% is not.
  const auto wanted = value_of(gold);
  const auto above_one =
      wanted ? order_of(graph_, wanted->node, graph_.number({1, 0})) : std::nullopt;
  return above_one && *above_one > 0 ? as_bare : different("different_unit");
}

/// Both have units, and others.
Verdict Comparison::in_units(const Answer& gold, const Answer& predicted) {
  const auto conversion = conversion_of(predicted.unit, gold.unit);
  return conversion ? converted(gold, predicted, *conversion) : different("different_unit");
}

Verdict Comparison::values(const Answer& gold, const Answer& predicted) {
  if (gold.unit.empty() && predicted.unit.empty() && gold.label != predicted.label) {
    const auto renamed = in_the_variable_of(gold, predicted);
    const auto wanted = renamed ? value_of(gold) : std::nullopt;
    if (wanted) return compare_values(graph_, *wanted, *renamed, options_->tolerance);
  }
  if (options_->strict_labels && gold.label != predicted.label && !gold.label.empty() &&
      !predicted.label.empty()) {
    return different("different_label");
  }
  if (gold.unit == predicted.unit) return bare(gold, predicted);
  if (!gold.unit.empty() && !predicted.unit.empty()) return in_units(gold, predicted);
  const std::string& unit = gold.unit.empty() ? predicted.unit : gold.unit;
  if (unit == "%") return percents(gold, predicted);
  const Verdict as_bare = bare(gold, predicted);
  if (as_bare.is_same()) {
    const bool missing = options_->strict_units && predicted.unit.empty();
    return missing ? different("different_unit") : as_bare;
  }
  // An angle without a unit may be in radians: 90 deg is pi/2.
  if (!is_angle(unit)) return as_bare;
  const auto conversion =
      gold.unit.empty() ? conversion_of(unit, "rad") : conversion_of("rad", unit);
  if (!conversion) return as_bare;
  const Verdict as_radians = converted(gold, predicted, *conversion);
  return as_radians.is_same() ? as_radians : as_bare;
}

}  // namespace stratagram::math
