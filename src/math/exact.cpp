#include "math/exact.h"

#include <flint/fmpz.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace stratagram::math {
namespace {

Exactly value_of(Rational re) {
  return {Finding::kValue, {std::move(re), Rational()}};
}
Exactly undefined() {
  return {Finding::kUndefined, {}};
}

int64_t bits_of(const Exact& a) {
  return std::max(a.re.bits(), a.im.bits());
}

/// Whether a result of that many bits may be computed, and is paid for.
bool affordable(int64_t bits, bool fraction, Budget& budget) {
  if (bits > (fraction ? kMaxFractionBits : kMaxExactBits)) return false;
  // Common factors cost a few products.
  return budget.pay(steps_of_product(bits) * (fraction && bits > 64 ? 6 : 1));
}

bool has_fraction(const Exact& a) {
  return !a.re.is_integer() || !a.im.is_integer();
}

struct Integer {
  fmpz_t raw;
  Integer() { fmpz_init(raw); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;
  ~Integer() { fmpz_clear(raw); }
};

Rational rational_of(const Integer& value) {
  Rational result;
  fmpz_set(fmpq_numref(result.raw()), value.raw);
  return result;
}

Rational floor_of(const Rational& a) {
  Integer result;
  fmpz_fdiv_q(result.raw, fmpq_numref(a.raw()), fmpq_denref(a.raw()));
  return rational_of(result);
}

std::optional<Rational> real_root(const Rational& radicand, int64_t index) {
  const int64_t bits = radicand.bits();
  Rational result;
  if (radicand.is_zero() || radicand == Rational(1)) return radicand;
  // 2^index > radicand: no integer root but 1.
  if (index > bits) return std::nullopt;
  if (fmpz_root(fmpq_numref(result.raw()), fmpq_numref(radicand.raw()), index) == 0) {
    return std::nullopt;
  }
  if (fmpz_root(fmpq_denref(result.raw()), fmpq_denref(radicand.raw()), index) == 0) {
    return std::nullopt;
  }
  return result;
}

/// log2 of n!, a little more than it is.
double factorial_bits(double n) {
  return n < 2 ? 1 : n * std::log2(n) + 2;
}

Exactly factorial(const Rational& n, Budget& budget) {
  if (!n.is_integer()) return {};
  if (n.sign() < 0) return undefined();
  const auto small = n.as_int64();
  if (!small || *small > kMaxExactBits) return {};
  if (!affordable(static_cast<int64_t>(factorial_bits(static_cast<double>(*small))), false, budget))
    return {};
  Integer result;
  fmpz_fac_ui(result.raw, static_cast<ulong>(*small));
  return value_of(rational_of(result));
}

Exactly double_factorial(const Rational& n, Budget& budget) {
  if (!n.is_integer()) return {};
  if (n == Rational(-1)) return value_of(1);
  if (n.sign() < 0) return {};
  const auto small = n.as_int64();
  if (!small || *small > kMaxExactBits) return {};
  if (!affordable(static_cast<int64_t>(factorial_bits(static_cast<double>(*small))), false, budget))
    return {};
  Integer result;
  Integer half;
  const auto k = static_cast<ulong>(*small / 2);
  fmpz_fac_ui(half.raw, k);
  fmpz_mul_2exp(half.raw, half.raw, k);
  if (*small % 2 == 0) return value_of(rational_of(half));
  fmpz_fac_ui(result.raw, static_cast<ulong>(*small));
  fmpz_divexact(result.raw, result.raw, half.raw);
  return value_of(rational_of(result));
}

Exactly selections(bool ordered, const Rational& n, const Rational& k, Budget& budget) {
  const auto from = n.as_int64();
  const auto taken = k.as_int64();
  if (!from || !taken || *from < 0) return {};
  if (*taken < 0 || *taken > *from) return value_of(0);
  const int64_t count = ordered ? *taken : std::min(*taken, *from - *taken);
  const double bits = static_cast<double>(count) * std::log2(static_cast<double>(*from) + 2) + 2;
  if (bits > static_cast<double>(kMaxExactBits)) return {};
  if (!affordable(static_cast<int64_t>(bits), false, budget)) return {};
  Integer result;
  if (!ordered) {
    fmpz_bin_uiui(result.raw, static_cast<ulong>(*from), static_cast<ulong>(count));
  } else {
    fmpz_rfac_uiui(result.raw, static_cast<ulong>(*from - count + 1), static_cast<ulong>(count));
  }
  return value_of(rational_of(result));
}

Exactly gcd_or_lcm(bool least_multiple, std::span<const Exact> arguments, Budget& budget) {
  Integer result;
  fmpz_set_si(result.raw, least_multiple ? 1 : 0);
  for (const Exact& a : arguments) {
    if (!a.is_integer()) return {};
    const auto bits = static_cast<int64_t>(fmpz_bits(result.raw)) + a.re.bits();
    if (!affordable(bits, true, budget)) return {};
    if (least_multiple) {
      fmpz_lcm(result.raw, result.raw, fmpq_numref(a.re.raw()));
    } else {
      fmpz_gcd(result.raw, result.raw, fmpq_numref(a.re.raw()));
    }
  }
  return value_of(rational_of(result));
}

Exactly extreme(bool largest, std::span<const Exact> arguments) {
  if (arguments.empty()) return undefined();
  const Exact* best = nullptr;
  for (const Exact& a : arguments) {
    if (!a.is_real()) return undefined();
    if (best == nullptr || (largest ? best->re < a.re : a.re < best->re)) best = &a;
  }
  return value_of(best->re);
}

Exactly modulo(const Exact& a, const Exact& b, Budget& budget) {
  if (!a.is_real() || !b.is_real()) return undefined();
  if (b.is_zero()) return undefined();
  const Exactly quotient = exact_quotient(a, b, budget);
  if (quotient.finding != Finding::kValue) return quotient;
  const Exactly whole = exact_product({-floor_of(quotient.value.re), 0}, b, budget);
  return whole.finding == Finding::kValue ? exact_sum(a, whole.value, budget) : whole;
}

Exactly absolute(const Exact& a, Budget& budget) {
  if (a.is_real()) return value_of(a.re.sign() < 0 ? -a.re : a.re);
  if (!affordable(4 * bits_of(a), has_fraction(a), budget)) return {};
  return exact_root(a.re * a.re + a.im * a.im, 2, budget);
}

/// Functions at the few arguments where they are rational and everybody knows it.
Exactly at_zero_or_one(Function function, const Exact& a) {
  switch (function) {
    case Function::kExp:
    case Function::kCos:
    case Function::kSec:
    case Function::kCosh:
    case Function::kSech:
      return a.is_zero() ? value_of(1) : Exactly{};
    case Function::kSin:
    case Function::kTan:
    case Function::kArcsin:
    case Function::kArctan:
    case Function::kSinh:
    case Function::kTanh:
    case Function::kArcsinh:
      return a.is_zero() ? value_of(0) : Exactly{};
    case Function::kArctanh:
      if (a.is_real() && (a.re == Rational(1) || a.re == Rational(-1))) return undefined();
      return a.is_zero() ? value_of(0) : Exactly{};
    case Function::kCot:
    case Function::kCsc:
    case Function::kCoth:
    case Function::kCsch:
    case Function::kArcsec:
    case Function::kArccsc:
      return a.is_zero() ? undefined() : Exactly{};
    case Function::kLog:
      if (a.is_zero()) return undefined();
      return a.is_one() ? value_of(0) : Exactly{};
    default:
      return {};
  }
}

}  // namespace

Exactly exact_sum(const Exact& a, const Exact& b, Budget& budget) {
  const bool fraction = has_fraction(a) || has_fraction(b);
  const int64_t bits =
      fraction ? bits_of(a) + bits_of(b) + 1 : std::max(bits_of(a), bits_of(b)) + 1;
  if (!affordable(bits, fraction, budget)) return {};
  return {Finding::kValue, {a.re + b.re, a.im + b.im}};
}

Exactly exact_product(const Exact& a, const Exact& b, Budget& budget) {
  const bool fraction = has_fraction(a) || has_fraction(b);
  if (!affordable(bits_of(a) + bits_of(b) + 1, fraction, budget)) return {};
  if (a.is_real() && b.is_real()) return value_of(a.re * b.re);
  return {Finding::kValue, {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}};
}

Exactly exact_quotient(const Exact& a, const Exact& b, Budget& budget) {
  if (b.is_zero()) return undefined();
  if (b.is_real()) {
    if (!affordable(bits_of(a) + bits_of(b), true, budget)) return {};
    return {Finding::kValue, {a.re / b.re, a.im / b.re}};
  }
  if (!affordable(3 * (bits_of(a) + bits_of(b)), true, budget)) return {};
  const Rational norm = b.re * b.re + b.im * b.im;
  return {
      Finding::kValue,
      {(a.re * b.re + a.im * b.im) / norm, (a.im * b.re - a.re * b.im) / norm},
  };
}

Exactly exact_power(const Exact& base, const Rational& exponent, Budget& budget) {
  if (!exponent.is_integer()) return {};
  if (base.is_zero()) return exponent.sign() > 0 ? value_of(0) : undefined();
  if (exponent.is_zero() || base.is_one()) return value_of(1);
  if (base.is_real() && base.re == Rational(-1)) {
    return value_of(fmpz_is_even(fmpq_numref(exponent.raw())) != 0 ? 1 : -1);
  }
  const auto small = exponent.as_int64();
  if (!small || *small < -kMaxExactBits || *small > kMaxExactBits) return {};
  const int64_t count = *small < 0 ? -*small : *small;
  const bool fraction = has_fraction(base);
  if (base.is_real()) {
    // No common factors appear in a power, so a fraction costs no more than an integer.
    if (!affordable(base.re.bits() * count, false, budget)) return {};
    return value_of(base.re.to_the(*small));
  }
  if (!affordable(2 * bits_of(base) * count + 2 * count, fraction, budget)) return {};
  Exactly result = value_of(1);
  Exact square = base;
  for (int64_t left = count; left > 0; left /= 2) {
    if (left % 2 == 1) result = exact_product(result.value, square, budget);
    if (result.finding != Finding::kValue) return result;
    if (left == 1) break;
    const Exactly next = exact_product(square, square, budget);
    if (next.finding != Finding::kValue) return next;
    square = next.value;
  }
  return *small < 0 ? exact_quotient({1, 0}, result.value, budget) : result;
}

Exactly exact_root(const Rational& radicand, int64_t index, Budget& budget) {
  if (index < 1 || !budget.pay(4 * steps_of_product(radicand.bits()))) return {};
  const bool negative = radicand.sign() < 0;
  if (negative && index % 2 == 0 && index != 2) return {};
  auto root = real_root(negative ? -radicand : radicand, index);
  if (!root) return {};
  if (!negative) return value_of(std::move(*root));
  if (index == 2) return {Finding::kValue, {0, std::move(*root)}};
  return value_of(-*root);
}

Exactly exact_function(Function function, std::span<const Exact> arguments, Budget& budget) {
  if (!budget.pay(1)) return {};
  if (function == Function::kGcd || function == Function::kLcm) {
    return gcd_or_lcm(function == Function::kLcm, arguments, budget);
  }
  if (function == Function::kMax || function == Function::kMin) {
    return extreme(function == Function::kMax, arguments);
  }
  if (arguments.empty()) return {};
  const Exact& a = arguments[0];
  if (arguments.size() == 2) {
    const Exact& b = arguments[1];
    if (function == Function::kModulo) return modulo(a, b, budget);
    if (!a.is_integer() || !b.is_integer()) return {};
    if (function == Function::kBinomial) return selections(false, a.re, b.re, budget);
    if (function == Function::kPermutations) return selections(true, a.re, b.re, budget);
    return {};
  }
  switch (function) {
    case Function::kAbs:
      return absolute(a, budget);
    case Function::kRe:
      return value_of(a.re);
    case Function::kIm:
      return value_of(a.im);
    case Function::kConjugate:
      return {Finding::kValue, {a.re, -a.im}};
    case Function::kFloor:
      return a.is_real() ? value_of(floor_of(a.re)) : undefined();
    case Function::kCeiling:
      return a.is_real() ? value_of(-floor_of(-a.re)) : undefined();
    case Function::kSign:
      return a.is_real() ? value_of(a.re.sign()) : Exactly{};
    case Function::kFactorial:
      return a.is_real() ? factorial(a.re, budget) : Exactly{};
    case Function::kDoubleFactorial:
      return a.is_real() ? double_factorial(a.re, budget) : Exactly{};
    default:
      return at_zero_or_one(function, a);
  }
}

}  // namespace stratagram::math
