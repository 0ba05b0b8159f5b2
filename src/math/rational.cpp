#include "math/rational.h"

#include <flint/fmpz.h>

#include <cstdlib>
#include <memory>

namespace stratagram::math {
namespace {

struct FlintFree {
  void operator()(char* text) const { flint_free(text); }
};

}  // namespace

Rational::Rational(int64_t numerator, int64_t denominator) : Rational() {
  fmpz_set_si(fmpq_numref(value_), numerator);
  fmpz_set_si(fmpq_denref(value_), denominator);
  fmpq_canonicalise(value_);
}

std::optional<Rational> Rational::of_digits(std::string_view digits, int base) {
  if (digits.empty()) return std::nullopt;
  for (const char c : digits) {
    int value = base;
    if (c >= '0' && c <= '9') value = c - '0';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') value = c - 'A' + 10;
    if (value >= base) return std::nullopt;
  }
  Rational result;
  fmpz_set_str(fmpq_numref(result.value_), std::string(digits).c_str(), base);
  return result;
}

std::optional<int64_t> Rational::as_int64() const {
  if (!is_integer() || fmpz_fits_si(fmpq_numref(value_)) == 0) return std::nullopt;
  return fmpz_get_si(fmpq_numref(value_));
}

double Rational::as_double() const {
  mpq_t value;
  mpq_init(value);
  fmpq_get_mpq(value, value_);
  const double result = mpq_get_d(value);
  mpq_clear(value);
  return result;
}

std::string Rational::text() const {
  return std::unique_ptr<char, FlintFree>(fmpq_get_str(nullptr, 10, value_)).get();
}

Rational operator+(const Rational& a, const Rational& b) {
  Rational result;
  fmpq_add(result.value_, a.value_, b.value_);
  return result;
}

Rational operator-(const Rational& a, const Rational& b) {
  Rational result;
  fmpq_sub(result.value_, a.value_, b.value_);
  return result;
}

Rational operator*(const Rational& a, const Rational& b) {
  Rational result;
  fmpq_mul(result.value_, a.value_, b.value_);
  return result;
}

Rational operator/(const Rational& a, const Rational& b) {
  Rational result;
  fmpq_div(result.value_, a.value_, b.value_);
  return result;
}

Rational operator-(const Rational& a) {
  Rational result;
  fmpq_neg(result.value_, a.value_);
  return result;
}

Rational Rational::to_the(int64_t exponent) const {
  Rational result;
  fmpq_pow_si(result.value_, value_, exponent);
  return result;
}

}  // namespace stratagram::math
