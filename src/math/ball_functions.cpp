#include "math/ball_functions.h"

#include <cmath>

namespace stratagram::math {
namespace {

/// Beyond that, exponents no longer fit a machine word and arb's series take forever.
constexpr int64_t kMaxMagnitudeBits = 62;

bool is_below(const Ball& x, int64_t bits) {
  if (!x.is_finite()) return false;
  mag_t size;
  mag_init(size);
  acb_get_mag(size, x.raw());
  const bool result = mag_cmp_2exp_si(size, bits) < 0;
  mag_clear(size);
  return result;
}

void set_unknown(Ball& out) {
  acb_indeterminate(out.raw());
}

/// 1/x.
Ball inverse(const Ball& x, int64_t precision) {
  Ball result;
  if (acb_contains_zero(x.raw()) != 0) {
    set_unknown(result);
  } else {
    acb_inv(result.raw(), x.raw(), precision);
  }
  return result;
}

Ball plus_one(const Ball& x, int64_t precision) {
  Ball result;
  acb_add_ui(result.raw(), x.raw(), 1, precision);
  return result;
}

Ball minus(const Ball& x, const Ball& y, int64_t precision) {
  Ball result;
  acb_sub(result.raw(), x.raw(), y.raw(), precision);
  return result;
}

void exponential(Ball& out, const Ball& x, int64_t precision) {
  if (!is_below(x, kMaxMagnitudeBits)) return set_unknown(out);
  acb_exp(out.raw(), x.raw(), precision);
}

void logarithm(Ball& out, const Ball& x, int64_t precision) {
  if (!x.is_finite() || acb_contains_zero(x.raw()) != 0) return set_unknown(out);
  acb_log(out.raw(), x.raw(), precision);
}

/// n! / k! / (n - k)!, or n! / (n - k)!.
void selections(Ball& out, bool ordered, const Ball& n, const Ball& k, int64_t precision) {
  const Ball rest = minus(n, k, precision);
  Ball factor;
  acb_gamma(out.raw(), plus_one(n, precision).raw(), precision);
  acb_rgamma(factor.raw(), plus_one(rest, precision).raw(), precision);
  acb_mul(out.raw(), out.raw(), factor.raw(), precision);
  if (ordered) return;
  acb_rgamma(factor.raw(), plus_one(k, precision).raw(), precision);
  acb_mul(out.raw(), out.raw(), factor.raw(), precision);
}

void gcd_or_lcm(Ball& out, bool least_multiple, std::span<const Ball* const> arguments) {
  fmpz_t total;
  fmpz_t next;
  fmpz_init_set_si(total, least_multiple ? 1 : 0);
  fmpz_init(next);
  bool known = true;
  for (const Ball* a : arguments) {
    known = known && a->is_real() && is_below(*a, kMaxMagnitudeBits) &&
            arb_get_unique_fmpz(next, acb_realref(a->raw())) != 0 && acb_is_exact(a->raw()) != 0 &&
            fmpz_bits(total) < 4096;
    if (!known) break;
    if (least_multiple) {
      fmpz_lcm(total, total, next);
    } else {
      fmpz_gcd(total, total, next);
    }
  }
  if (known) {
    acb_set_fmpz(out.raw(), total);
  } else {
    set_unknown(out);
  }
  fmpz_clear(total);
  fmpz_clear(next);
}

void of_two(Ball& out, Function function, const Ball& a, const Ball& b, int64_t precision) {
  if (function == Function::kBinomial || function == Function::kPermutations) {
    if (!is_below(a, kMaxMagnitudeBits) || !is_below(b, kMaxMagnitudeBits)) return set_unknown(out);
    return selections(out, function == Function::kPermutations, a, b, precision);
  }
  if (function != Function::kModulo || !a.is_real() || !b.is_real()) return set_unknown(out);
  const Ball over = inverse(b, precision);
  Ball quotient;
  acb_mul(quotient.raw(), a.raw(), over.raw(), precision);
  // The floor is as long as the quotient is big.
  if (!is_below(quotient, precision)) return set_unknown(out);
  arb_floor(acb_realref(quotient.raw()), acb_realref(quotient.raw()), precision);
  acb_mul(quotient.raw(), quotient.raw(), b.raw(), precision);
  acb_sub(out.raw(), a.raw(), quotient.raw(), precision);
}

void of_reals(Ball& out, Function function, const Ball& a, int64_t precision) {
  if (!a.is_real() || !is_below(a, precision)) return set_unknown(out);
  acb_zero(out.raw());
  const arb_ptr result = acb_realref(out.raw());
  const arb_srcptr from = acb_realref(a.raw());
  if (function == Function::kFloor) arb_floor(result, from, precision);
  if (function == Function::kCeiling) arb_ceil(result, from, precision);
  if (function == Function::kSign) arb_sgn(result, from);
}

void extreme(Ball& out, bool largest, std::span<const Ball* const> arguments, int64_t precision) {
  if (arguments.empty()) return set_unknown(out);
  acb_set(out.raw(), arguments[0]->raw());
  for (const Ball* a : arguments) {
    if (!a->is_real() || !a->is_finite()) return set_unknown(out);
    const arb_ptr so_far = acb_realref(out.raw());
    if (largest) {
      arb_max(so_far, so_far, acb_realref(a->raw()), precision);
    } else {
      arb_min(so_far, so_far, acb_realref(a->raw()), precision);
    }
  }
}

/// What needs arguments of a size that fits the precision.
void periodic(Ball& out, Function function, const Ball& a, int64_t precision) {
  if (!is_below(a, a.is_real() ? precision : kMaxMagnitudeBits)) return set_unknown(out);
  switch (function) {
    case Function::kSin:
      return acb_sin(out.raw(), a.raw(), precision);
    case Function::kCos:
      return acb_cos(out.raw(), a.raw(), precision);
    case Function::kTan:
      return acb_tan(out.raw(), a.raw(), precision);
    case Function::kCot:
      return acb_cot(out.raw(), a.raw(), precision);
    case Function::kSec:
      acb_cos(out.raw(), a.raw(), precision);
      break;
    default:
      acb_sin(out.raw(), a.raw(), precision);
  }
  out = inverse(out, precision);
}

void hyperbolic(Ball& out, Function function, const Ball& a, int64_t precision) {
  if (!is_below(a, kMaxMagnitudeBits)) return set_unknown(out);
  switch (function) {
    case Function::kSinh:
      return acb_sinh(out.raw(), a.raw(), precision);
    case Function::kCosh:
      return acb_cosh(out.raw(), a.raw(), precision);
    case Function::kTanh:
      return acb_tanh(out.raw(), a.raw(), precision);
    case Function::kCoth:
      return acb_coth(out.raw(), a.raw(), precision);
    case Function::kSech:
      return acb_sech(out.raw(), a.raw(), precision);
    default:
      return acb_csch(out.raw(), a.raw(), precision);
  }
}

void inverse_function(Ball& out, Function function, const Ball& a, int64_t precision) {
  if (!a.is_finite()) return set_unknown(out);
  switch (function) {
    case Function::kArcsin:
      return acb_asin(out.raw(), a.raw(), precision);
    case Function::kArccos:
      return acb_acos(out.raw(), a.raw(), precision);
    case Function::kArctan:
      return acb_atan(out.raw(), a.raw(), precision);
    case Function::kArccot: {
      // Between 0 and pi for real arguments.
      Ball quarter;
      acb_const_pi(quarter.raw(), precision);
      acb_mul_2exp_si(quarter.raw(), quarter.raw(), -1);
      acb_atan(out.raw(), a.raw(), precision);
      return acb_sub(out.raw(), quarter.raw(), out.raw(), precision);
    }
    case Function::kArcsec:
      return inverse_function(out, Function::kArccos, inverse(a, precision), precision);
    case Function::kArccsc:
      return inverse_function(out, Function::kArcsin, inverse(a, precision), precision);
    case Function::kArcsinh:
      return acb_asinh(out.raw(), a.raw(), precision);
    case Function::kArccosh:
      return acb_acosh(out.raw(), a.raw(), precision);
    default:
      return acb_atanh(out.raw(), a.raw(), precision);
  }
}

/// Where the ball holds 0: every root lies in a disc around 0, whatever the branch.
void root_near_zero(Ball& out, const Ball& radicand, int64_t index) {
  mag_t size;
  mag_init(size);
  acb_get_mag(size, radicand.raw());
  mag_root(size, size, static_cast<ulong>(index));
  acb_zero(out.raw());
  if (acb_is_zero(radicand.raw()) == 0) {
    arb_add_error_mag(acb_realref(out.raw()), size);
    arb_add_error_mag(acb_imagref(out.raw()), size);
  }
  mag_clear(size);
}

}  // namespace

int64_t steps_at(int64_t steps, int64_t precision) {
  // Quadratic in limbs with a constant part, later a little less: 1 at 64 bits, 9 at 1024.
  const int64_t limbs = precision / 64;
  const int64_t products = limbs <= 16 ? limbs * limbs : 80 * steps_of_product(precision) / 4;
  return steps * (32 + products) / 32 + 1;
}

void ball_power(Ball& out, const Ball& base, const Ball& exponent, int64_t precision) {
  if (!base.is_finite() || !exponent.is_finite()) return set_unknown(out);
  if (acb_is_int(exponent.raw()) != 0 && is_below(exponent, kMaxMagnitudeBits)) {
    fmpz_t count;
    fmpz_init(count);
    arf_get_fmpz(count, arb_midref(acb_realref(exponent.raw())), ARF_RND_DOWN);
    const bool pole = fmpz_sgn(count) <= 0 && acb_contains_zero(base.raw()) != 0;
    if (pole) {
      set_unknown(out);
    } else {
      acb_pow_fmpz(out.raw(), base.raw(), count, precision);
    }
    fmpz_clear(count);
    return;
  }
  if (acb_is_zero(base.raw()) != 0) {
    if (arb_is_positive(acb_realref(exponent.raw())) == 0) return set_unknown(out);
    return acb_zero(out.raw());
  }
  Ball log_of_base;
  logarithm(log_of_base, base, precision);
  acb_mul(log_of_base.raw(), log_of_base.raw(), exponent.raw(), precision);
  exponential(out, log_of_base, precision);
}

void ball_root(Ball& out, const Ball& radicand, int64_t index, int64_t precision) {
  if (!radicand.is_finite()) return set_unknown(out);
  if (acb_contains_zero(radicand.raw()) != 0) return root_near_zero(out, radicand, index);
  if (index == 2) return acb_sqrt(out.raw(), radicand.raw(), precision);
  const bool negative = radicand.is_real() && arb_is_negative(acb_realref(radicand.raw())) != 0;
  const bool flipped = negative && index % 2 == 1;
  Ball from = radicand;
  if (flipped) acb_neg(from.raw(), from.raw());
  if (index <= 64) {
    acb_root_ui(out.raw(), from.raw(), static_cast<ulong>(index), precision);
  } else {
    logarithm(out, from, precision);
    acb_div_si(out.raw(), out.raw(), index, precision);
    exponential(out, Ball(out), precision);
  }
  if (flipped) acb_neg(out.raw(), out.raw());
}

int64_t steps_of_function(Function function, int64_t precision) {
  switch (function) {
    case Function::kFactorial:
    case Function::kBinomial:
    case Function::kPermutations:
      return steps_at(500, precision);
    case Function::kRoot:
      return steps_at(30, precision);
    default:
      return steps_at(120, precision);
  }
}

void ball_function(Ball& out,
                   Function function,
                   std::span<const Ball* const> arguments,
                   int64_t precision) {
  for (const Ball* a : arguments) {
    if (!a->is_finite()) return set_unknown(out);
  }
  if (function == Function::kMax || function == Function::kMin) {
    return extreme(out, function == Function::kMax, arguments, precision);
  }
  if (function == Function::kGcd || function == Function::kLcm) {
    return gcd_or_lcm(out, function == Function::kLcm, arguments);
  }
  if (arguments.size() == 2) return of_two(out, function, *arguments[0], *arguments[1], precision);
  if (arguments.size() != 1) return set_unknown(out);
  const Ball& a = *arguments[0];
  switch (function) {
    case Function::kExp:
      return exponential(out, a, precision);
    case Function::kLog:
      return logarithm(out, a, precision);
    case Function::kAbs:
      acb_zero(out.raw());
      return acb_abs(acb_realref(out.raw()), a.raw(), precision);
    case Function::kRe:
      acb_zero(out.raw());
      return arb_set(acb_realref(out.raw()), acb_realref(a.raw()));
    case Function::kIm:
      acb_zero(out.raw());
      return arb_set(acb_realref(out.raw()), acb_imagref(a.raw()));
    case Function::kConjugate:
      return acb_conj(out.raw(), a.raw());
    case Function::kFloor:
    case Function::kCeiling:
    case Function::kSign:
      return of_reals(out, function, a, precision);
    case Function::kFactorial:
      if (!is_below(a, kMaxMagnitudeBits)) return set_unknown(out);
      return acb_gamma(out.raw(), plus_one(a, precision).raw(), precision);
    default:
      break;
  }
  if (function >= Function::kSin && function <= Function::kCsc) {
    return periodic(out, function, a, precision);
  }
  if (function >= Function::kSinh && function <= Function::kCsch) {
    return hyperbolic(out, function, a, precision);
  }
  if (function >= Function::kArcsin && function <= Function::kArctanh) {
    return inverse_function(out, function, a, precision);
  }
  set_unknown(out);
}

}  // namespace stratagram::math
