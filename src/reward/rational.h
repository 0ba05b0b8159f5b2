// reward/rational.h -- exact fractions of 128-bit integers. A result that does not fit is an empty
// optional, never a wrong number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace stratagram::reward {

/// In lowest terms, the denominator above 0. Immutable.
class Rational {
 public:
  __extension__ using Integer = __int128;

  Rational() = default;
  explicit Rational(int64_t value) : numerator_(value) {}

  /// Empty for a denominator of 0.
  static std::optional<Rational> of(Integer numerator, Integer denominator);

  [[nodiscard]] std::optional<Rational> plus(const Rational& other) const;
  [[nodiscard]] std::optional<Rational> minus(const Rational& other) const;
  [[nodiscard]] std::optional<Rational> times(const Rational& other) const;
  /// Empty also for a division by zero.
  [[nodiscard]] std::optional<Rational> over(const Rational& other) const;

  [[nodiscard]] double value() const;
  /// "7", "-3/4".
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Rational&, const Rational&) = default;

 private:
  Integer numerator_ = 0;
  Integer denominator_ = 1;
};

}  // namespace stratagram::reward
