// math/rational.h -- exact fractions of any size (FLINT's fmpq). Whoever computes bounds the size:
// an addition or product costs time in the number of bits of its result.
#pragma once

#include <flint/fmpq.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stratagram::math {

/// In lowest terms, the denominator above 0. A value.
class Rational {
 public:
  Rational() { fmpq_init(value_); }
  // A whole number is a fraction: NOLINTNEXTLINE(google-explicit-constructor)
  Rational(int64_t value) : Rational() { fmpq_set_si(value_, value, 1); }
  Rational(int64_t numerator, int64_t denominator);  ///< the denominator is not 0
  Rational(const Rational& other) : Rational() { fmpq_set(value_, other.value_); }
  Rational(Rational&& other) noexcept : Rational() { fmpq_swap(value_, other.value_); }
  Rational& operator=(Rational other) noexcept {
    fmpq_swap(value_, other.value_);
    return *this;
  }
  ~Rational() { fmpq_clear(value_); }

  /// Of digits of a base from 2 to 36, nothing else; empty for any other text and an empty one.
  [[nodiscard]] static std::optional<Rational> of_digits(std::string_view digits, int base = 10);

  [[nodiscard]] bool is_zero() const { return fmpq_is_zero(value_) != 0; }
  [[nodiscard]] bool is_integer() const { return fmpz_is_one(fmpq_denref(value_)) != 0; }
  [[nodiscard]] int sign() const { return fmpq_sgn(value_); }
  [[nodiscard]] int64_t bits() const { return static_cast<int64_t>(fmpq_height_bits(value_)); }
  /// Empty where it is no integer or does not fit.
  [[nodiscard]] std::optional<int64_t> as_int64() const;
  /// The nearest double, or an infinity.
  [[nodiscard]] double as_double() const;
  /// "7", "-3/4".
  [[nodiscard]] std::string text() const;

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  /// `b` is not 0.
  friend Rational operator/(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a);
  /// The base is not 0 where the exponent is below 0.
  [[nodiscard]] Rational to_the(int64_t exponent) const;

  friend bool operator==(const Rational& a, const Rational& b) {
    return fmpq_equal(a.value_, b.value_) != 0;
  }
  friend bool operator<(const Rational& a, const Rational& b) {
    return fmpq_cmp(a.value_, b.value_) < 0;
  }

  /// For FLINT's functions.
  [[nodiscard]] const fmpq* raw() const { return value_; }
  [[nodiscard]] fmpq* raw() { return value_; }

 private:
  fmpq_t value_;
};

}  // namespace stratagram::math
