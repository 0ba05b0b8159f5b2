// math/exact.h -- what can be said exactly of closed expressions: arithmetic and functions of
// complex numbers with rational parts. Sizes are bounded before anything is computed, since FLINT
// and GMP end the process when memory or range does not suffice.
#pragma once

#include <span>

#include "math/budget.h"
#include "math/expression.h"
#include "math/rational.h"

namespace stratagram::math {

/// re + im i.
struct Exact {
  Rational re{};
  Rational im{};

  [[nodiscard]] bool is_real() const { return im.is_zero(); }
  [[nodiscard]] bool is_zero() const { return re.is_zero() && im.is_zero(); }
  [[nodiscard]] bool is_integer() const { return is_real() && re.is_integer(); }
  [[nodiscard]] bool is_one() const { return is_integer() && re == Rational(1); }
  friend bool operator==(const Exact&, const Exact&) = default;
};

/// Numbers above this many bits (78,000 digits) are not computed.
inline constexpr int64_t kMaxExactBits = int64_t{1} << 18;
/// The same for fractions, whose common factors must be found too.
inline constexpr int64_t kMaxFractionBits = int64_t{1} << 16;

enum class Finding {
  kValue,      ///< exactly `value`
  kOpen,       ///< no rational number, or too big, or the budget is spent
  kUndefined,  ///< division by zero, log 0, 0^0, ...
};

struct Exactly {
  Finding finding = Finding::kOpen;
  Exact value{};
};

[[nodiscard]] Exactly exact_sum(const Exact& a, const Exact& b, Budget& budget);
[[nodiscard]] Exactly exact_product(const Exact& a, const Exact& b, Budget& budget);
[[nodiscard]] Exactly exact_quotient(const Exact& a, const Exact& b, Budget& budget);
/// Of an integer exponent. 0^0 is undefined.
[[nodiscard]] Exactly exact_power(const Exact& base, const Rational& exponent, Budget& budget);
/// The root of a real number where it is rational, or i times a rational number for a square root.
[[nodiscard]] Exactly exact_root(const Rational& radicand, int64_t index, Budget& budget);
/// Any function but kRoot, kOther of numbers alone.
[[nodiscard]] Exactly exact_function(Function function,
                                     std::span<const Exact> arguments,
                                     Budget& budget);

}  // namespace stratagram::math
