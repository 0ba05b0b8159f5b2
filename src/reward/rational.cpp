#include "reward/rational.h"

#include <algorithm>

namespace stratagram::reward {
namespace {

using Integer = Rational::Integer;

// Half of the range, so that a sign can always be turned.
constexpr Integer kLimit = Integer{1} << 126;

bool fits(Integer x) {
  return x < kLimit && x > -kLimit;
}

// Of a number that fits.
Integer absolute(Integer x) {
  return x < 0 ? -x : x;
}

Integer greatest_common_divisor(Integer a, Integer b) {
  while (b != 0) {
    const Integer rest = a % b;
    a = b;
    b = rest;
  }
  return absolute(a);
}

std::optional<Integer> product(Integer a, Integer b) {
  Integer result = 0;
  if (__builtin_mul_overflow(a, b, &result) || !fits(result)) return std::nullopt;
  return result;
}

std::string digits(Integer x) {
  if (x == 0) return "0";
  std::string text;
  for (Integer rest = absolute(x); rest > 0; rest /= 10) {
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (x < 0) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace

std::optional<Rational> Rational::of(Integer numerator, Integer denominator) {
  if (denominator == 0 || !fits(numerator) || !fits(denominator)) {
    return std::nullopt;
  }
  const Integer divisor = greatest_common_divisor(numerator, denominator);
  Rational result;
  result.numerator_ = numerator / divisor;
  result.denominator_ = denominator / divisor;
  if (result.denominator_ < 0) {
    result.numerator_ = -result.numerator_;
    result.denominator_ = -result.denominator_;
  }
  return result;
}

std::optional<Rational> Rational::plus(const Rational& other) const {
  const auto a = product(numerator_, other.denominator_);
  const auto b = product(other.numerator_, denominator_);
  const auto below = product(denominator_, other.denominator_);
  if (!a || !b || !below) return std::nullopt;
  return of(*a + *b, *below);  // both below 2^126, so the sum fits
}

std::optional<Rational> Rational::minus(const Rational& other) const {
  Rational negative = other;
  negative.numerator_ = -negative.numerator_;
  return plus(negative);
}

std::optional<Rational> Rational::times(const Rational& other) const {
  const auto above = product(numerator_, other.numerator_);
  const auto below = product(denominator_, other.denominator_);
  if (!above || !below) return std::nullopt;
  return of(*above, *below);
}

std::optional<Rational> Rational::over(const Rational& other) const {
  const auto above = product(numerator_, other.denominator_);
  const auto below = product(denominator_, other.numerator_);
  if (!above || !below) return std::nullopt;
  return of(*above, *below);
}

double Rational::value() const {
  return static_cast<double>(numerator_) / static_cast<double>(denominator_);
}

std::string Rational::text() const {
  return denominator_ == 1 ? digits(numerator_) : digits(numerator_) + "/" + digits(denominator_);
}

}  // namespace stratagram::reward
