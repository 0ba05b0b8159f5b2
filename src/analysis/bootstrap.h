// analysis/bootstrap.h -- intervals over problems, and differences of two groups on the problems
// that both have.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/measures.h"
#include "core/stream.h"
#include "metrics/statistics.h"

namespace stratagram::analysis {

/// The values of every figure for tally i taken times[i] times.
using Evaluate = std::function<std::vector<Value>(std::span<const int64_t> times)>;

/// A 95 % interval for each figure: percentiles of `num_draws` draws of as many problems, with
/// replacement. Those of entropies are shifted by (estimate - mean of the draws), because a sample
/// drawn again holds fewer kinds, and cut at 0. None for counts, for fewer than two problems, and
/// where under 95 % of the draws have a value.
///   num_problems  tallies that a draw is of, the first ones
[[nodiscard]] std::vector<std::optional<metrics::Interval>> bootstrap_intervals(
    const Evaluate& evaluate_times,
    std::span<const FigureId> ids,
    size_t num_problems,
    int64_t num_draws,
    const Stream& stream);

struct Difference {
  std::optional<double> value{};  ///< of the second group less that of the first
  std::optional<metrics::Interval> interval{};
  std::optional<double> p{};  ///< two-sided
  int64_t n = 0;              ///< problems
};

/// Tallies 0 .. n-1 of the population are those of the first group, n .. 2n-1 those of the second,
/// of the same problems in the same order. Interval as above, with problems drawn in pairs; p: the
/// share of `num_draws` random exchanges of the two groups, each problem by a coin, whose
/// difference is at least as large.
[[nodiscard]] std::vector<Difference> paired_differences(const Evaluate& evaluate_times,
                                                         std::span<const FigureId> ids,
                                                         size_t num_problems,
                                                         int64_t num_draws,
                                                         uint64_t seed);

}  // namespace stratagram::analysis
