// reward/number.h -- one number as people and models write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reward/rational.h"

namespace stratagram::reward {

struct Number {
  double value = 0;
  std::optional<Rational> exact;  ///< empty when it does not fit 128 bits
  bool is_decimal = false;        ///< written with a decimal point or an exponent, so maybe rounded
  std::string unit;               ///< what followed it: "", "%", "cm", "apples"
};

/// Reads a whole text as one number: sign, currency, thousands separators (1,234 1{,}234 1\,234),
/// decimals, exponents (1.5e3, 1.5 \times 10^{3}), fractions (3/4 \frac{3}{4} \frac34 \dfrac),
/// mixed numbers (1 1/2, 1\frac{1}{2}), percent, and a unit or noun after it. Empty for anything
/// else. Time grows linearly with the text.
[[nodiscard]] std::optional<Number> parse_number(std::string_view text);

/// The text without what only decorates it: $, \( \), \left, \right, \text{..}, spaces of LaTeX,
/// a final full stop, letter case. What equal texts are compared by.
[[nodiscard]] std::string plain_answer(std::string_view text);

}  // namespace stratagram::reward
