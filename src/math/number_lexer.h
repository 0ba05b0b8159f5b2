// math/number_lexer.h -- the written forms of one number: 1,234.50  1{,}234  0.\overline{3}  4.5e33
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "math/answer.h"
#include "math/token.h"

namespace stratagram::math {

struct NumberMatch {
  WrittenNumber number{};
  size_t end = 0;
};

/// The number that starts at `at`, where a digit stands, or a point and a digit.
[[nodiscard]] NumberMatch match_number(std::string_view text, size_t at, bool may_group);

/// Exactly. Exponents are not folded in: the value is that of the digits.
[[nodiscard]] Rational digits_value(const WrittenNumber& number);

[[nodiscard]] Precision precision_of(const WrittenNumber& number);

}  // namespace stratagram::math
