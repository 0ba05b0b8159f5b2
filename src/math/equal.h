// math/equal.h -- whether two answers are the same, mathematically. docs/equality.md has every rule
// with examples.
//
// Work is counted in steps: a result is a function of its inputs and options alone, the same on
// every machine, and no input takes longer than the budget. Nothing here throws or ends the process
// for any answer that the parser can make. Thread-safe: calls share nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "math/answer.h"

namespace stratagram::math {

enum class Sameness {
  kSame,
  kDifferent,
  kUnknown,  ///< the budget is spent, or no method decides
};

/// When two numbers of which at least one was written as a decimal are the same though their exact
/// values differ. Numbers without a decimal point are compared exactly, always.
struct Tolerance {
  /// A decimal is the rounded value of the other number when it has this many significant digits
  /// and is off by half a unit of its last digit at most; an integer that was written as one is
  /// never rounded. At least 1. Six, as is usual among graders of mathematics: 0.333 is not 1/3.
  int min_significant_digits = 6;
  /// Largest difference over the gold value, for the noise of floating-point output
  /// (0.30000000000000004 for 0.3).
  double relative = 1e-12;
  /// Largest difference that the problem itself allows; none by default. Then decimals are not
  /// asked for, and integers are covered too.
  std::optional<double> absolute{};
};

struct EqualityOptions {
  Tolerance tolerance{};
  /// One step is about 20 ns; see budget.h.
  int64_t max_steps = 500000;
  /// A gold answer with a unit wants one in the predicted answer too.
  bool strict_units = false;
  /// "x = 5" and "y = 5" differ.
  bool strict_labels = false;
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
