// reward/countdown_checker.h -- does an expression reach the target with the given numbers, each
// used at most once? Own parser, exact fractions, no evaluation of foreign code.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"
#include "math/rational.h"

namespace stratagram::reward {

struct Evaluation {
  std::optional<math::Rational> value;  ///< empty when it could not be computed
  std::string fault;             ///< then: "syntax", "division_by_zero_or_overflow", "too_deep"
  std::vector<int64_t> numbers;  ///< whole numbers in the text, in order
};

/// Whole numbers, + - * / (also x, times and division signs, \times, \cdot, \div), parentheses and
/// a minus in front. A value whose numerator or denominator needs more than 127 bits overflows.
/// Time grows linearly with the text.
[[nodiscard]] Evaluation evaluate(std::string_view expression);

struct CountdownCheck {
  Verdict verdict = Verdict::kWrong;
  /// "reaches_target", "other_value", "number_not_given", "number_used_twice", "syntax",
  /// "division_by_zero_or_overflow", "too_deep", "wrong_equation".
  std::string reason;
};

/// The answer may end in "= value": that must then be what the left side gives.
[[nodiscard]] CountdownCheck check_countdown(std::string_view answer,
                                             std::span<const int64_t> numbers,
                                             int64_t target);

}  // namespace stratagram::reward
