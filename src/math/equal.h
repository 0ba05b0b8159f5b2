// math/equal.h -- whether two answers are the same, mathematically. docs/equality.md has every rule
// with examples.
//
// Work is counted in steps: a result is a function of its inputs and options alone, the same on
// every machine, and no input takes longer than the budget. Nothing here throws or ends the process
// for any answer that the parser can make. Thread-safe: calls share nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "math/answer.h"
#include "math/equality_options.h"

namespace stratagram::math {

enum class Sameness {
  kSame,
  kDifferent,
  kUnknown,  ///< the budget is spent, or no method decides
};

struct Equality {
  Sameness sameness = Sameness::kUnknown;
  /// A code in snake_case: equal_text, equal_exact, equal_form, equal_polynomial, equal_numeric,
  /// equal_points, equal_rounded, equal_within_error, equal_set, equal_parts, equal_interval,
  /// equal_equation, equal_inequality, equal_ratio, equal_choice, equal_date; different_value,
  /// different_text, different_kind, different_unit, different_label, different_length,
  /// different_shape, different_ends, different_equation, different_inequality, missing_part,
  /// extra_part, undefined_value; budget_spent, undecided, too_deep, unreadable.
  std::string reason;
  std::string a_form;  ///< normal form of the gold answer, for people; long ones are cut
  std::string b_form;  ///< of the predicted one
  int64_t steps = 0;   ///< what was used of the budget
};

/// Symmetric but for: units, percent signs, dates and the denominator of the relative tolerance,
/// where the gold answer leads. compare(a, a) is kSame for every answer.
[[nodiscard]] Equality compare(const Answer& gold,
                               const Answer& predicted,
                               const EqualityOptions& options = {});

/// Over the readings of ambiguous texts, best first: the first pair that is the same decides.
/// Without one, an undecided pair makes the result unknown; otherwise the reason is that of the
/// best readings.
[[nodiscard]] Equality compare(std::span<const Answer> gold,
                               std::span<const Answer> predicted,
                               const EqualityOptions& options = {});

}  // namespace stratagram::math
