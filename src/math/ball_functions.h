// math/ball_functions.h -- functions of complex balls that arb lacks or that it must be kept from
// calling on arguments too huge for it.
#pragma once

#include <span>

#include "math/budget.h"
#include "math/evaluation.h"

namespace stratagram::math {

/// What `steps` of arithmetic with 64 bits cost with `precision` bits.
[[nodiscard]] int64_t steps_at(int64_t steps, int64_t precision);

/// base^exponent, the principal value; not finite where undefined or too big.
void ball_power(Ball& out, const Ball& base, const Ball& exponent, int64_t precision);

/// See Function::kRoot; index >= 2.
void ball_root(Ball& out, const Ball& radicand, int64_t index, int64_t precision);

/// Every other function but kOther; not finite where undefined, unknown or too big.
void ball_function(Ball& out,
                   Function function,
                   std::span<const Ball* const> arguments,
                   int64_t precision);

/// Steps of one such call.
[[nodiscard]] int64_t steps_of_function(Function function, int64_t precision);

}  // namespace stratagram::math
