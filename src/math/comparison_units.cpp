// math/comparison_units.cpp -- values with units, percent signs and labels.
#include <array>

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

}  // namespace

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
