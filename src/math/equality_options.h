// math/equality_options.h -- what makes two answers the same, and the work it may take. Apart from
// equal.h, so that a configuration knows its defaults without the headers of exact arithmetic.
#pragma once

#include <cstdint>
#include <optional>

namespace stratagram::math {

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

}  // namespace stratagram::math
