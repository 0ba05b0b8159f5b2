// metrics/statistics.h -- shares, quantiles, pass@k and intervals (definitions, sections 5 and 6).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/stream.h"

namespace stratagram::metrics {

/// None for no values.
[[nodiscard]] std::optional<double> mean(std::span<const double> values);

/// Linear between the two nearest ranks (as numpy's default); share in [0, 1]. None for no values.
[[nodiscard]] std::optional<double> quantile(std::vector<double> values, double share);

/// Unbiased pass@k of one problem with n samples of which c are correct (Chen et al. 2021):
/// 1 - C(n-c, k) / C(n, k). Throws Error(kConfig) unless 1 <= k <= n and 0 <= c <= n.
[[nodiscard]] double pass_at_k(int64_t n, int64_t c, int64_t k);

struct Interval {
  double low = 0;
  double high = 0;
};

/// The values between which the middle `confidence` of some draws lies. None for fewer than two.
[[nodiscard]] std::optional<Interval> central_interval(std::vector<double> draws,
                                                       double confidence = 0.95);

/// Percentile bootstrap of the mean over problems; `stream` keys the draws. None for fewer than
/// two.
[[nodiscard]] std::optional<Interval> bootstrap_interval(std::span<const double> values,
                                                         const Stream& stream,
                                                         double confidence = 0.95,
                                                         int64_t num_draws = 10000);

/// Standard error of the mean over problems: samples of one problem are one value, their mean, so
/// that they are clustered. None for fewer than two.
[[nodiscard]] std::optional<double> standard_error(std::span<const double> values);

/// Two-sided p of a paired permutation test: how often random signs give a mean difference at least
/// as large. None for no pairs.
[[nodiscard]] std::optional<double> paired_permutation_p(std::span<const double> differences,
                                                         const Stream& stream,
                                                         int64_t num_draws = 10000);

/// Shares that tie planning to high token entropy (paper, Fig. 8).
struct ForkShares {
  std::optional<double> high_given_planning;
  std::optional<double> planning_given_high;
};

/// "High" are the ceil(share * n) tokens of the highest entropy; of equal ones the earlier.
///   planning  0 or 1, parallel to entropies
[[nodiscard]] ForkShares fork_shares(std::span<const float> entropies,
                                     std::span<const uint8_t> planning,
                                     double share);

}  // namespace stratagram::metrics
