// metrics/significance.h -- what a comparison of several measurements is worth.
#pragma once

#include <span>
#include <vector>

namespace stratagram::metrics {

/// p values corrected for being several (Holm 1979): the i-th smallest of m, from 0, times m - i,
/// at least as large as the one before it and at most 1. In the order given.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// The smallest true mean of paired differences that a two-sided test at 5 % finds with a
/// probability of 80 %: (z(0.975) + z(0.8)) * standard_error, z being quantiles of the normal
/// distribution; about 2.80 standard errors.
[[nodiscard]] double minimum_detectable_difference(double standard_error);

}  // namespace stratagram::metrics
