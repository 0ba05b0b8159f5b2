// math/units.h -- units of measurement and money: canonical names and exact factors between them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "math/rational.h"

namespace stratagram::math {

/// value in base units = (value * factor * pi^pi_power) + offset.
struct Unit {
  /// Base units with their exponents, sorted by name, none 0: {{"m", 1}, {"s", -2}}. Base units are
  /// m kg s A K mol cd rad bit month %, and each currency; months have no length in seconds.
  std::vector<std::pair<std::string, int>> dimension{};
  Rational factor{1};
  int pi_power = 0;
  Rational offset{0};  ///< of degC and degF
};

/// Of a canonical name: "cm^2", "km/h", "kg*m/s^2", "USD", "%", "deg". Empty for any other text.
[[nodiscard]] std::optional<Unit> unit_named(std::string_view canonical);

/// One word or sign of a written unit.
struct UnitWord {
  enum class Kind { kWord, kExponent, kPer, kTimes };
  Kind kind = Kind::kWord;
  std::string text{};
  int exponent = 1;
};

/// The canonical name of a written unit: "square centimeters", "miles per hour", "m / s ^ 2".
/// Empty text for "units" and "square units", which say nothing; none where a word is no unit.
[[nodiscard]] std::optional<std::string> canonical_unit(const std::vector<UnitWord>& words);

}  // namespace stratagram::math
