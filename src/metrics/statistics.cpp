#include "metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/error.h"

namespace stratagram::metrics {

std::optional<double> mean(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> quantile(std::vector<double> values, double share) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double rank = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(rank);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (rank - static_cast<double>(below)) * (values[above] - values[below]);
}

double pass_at_k(int64_t n, int64_t c, int64_t k) {
  if (k < 1 || k > n || c < 0 || c > n) {
    fail(ErrorKind::kConfig,
         "pass@{}: wanted at least {} samples a problem, got {} of which {} correct",
         k,
         k,
         n,
         c);
  }
  // The product form of 1 - C(n-c, k) / C(n, k): no factorials.
  double all_wrong = 1.0;
  for (int64_t i = 0; i < k; ++i) {
    all_wrong *= static_cast<double>(std::max<int64_t>(n - c - i, 0)) / static_cast<double>(n - i);
  }
  return 1.0 - all_wrong;
}

std::optional<Interval> central_interval(std::vector<double> draws, double confidence) {
  if (draws.size() < 2) return std::nullopt;
  const double tail = (1.0 - confidence) / 2.0;
  std::sort(draws.begin(), draws.end());
  return Interval{.low = quantile(draws, tail).value_or(0),
                  .high = quantile(draws, 1.0 - tail).value_or(0)};
}

std::optional<Interval> bootstrap_interval(std::span<const double> values,
                                           const Stream& stream,
                                           double confidence,
                                           int64_t num_draws) {
  if (values.size() < 2) return std::nullopt;
  std::vector<double> means(num_draws);
  uint64_t position = 0;
  for (double& drawn : means) {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      sum += values[stream.below(values.size(), position++)];
    }
    drawn = sum / static_cast<double>(values.size());
  }
  return central_interval(std::move(means), confidence);
}

std::optional<double> standard_error(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const double centre = mean(values).value_or(0);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  const auto n = static_cast<double>(values.size());
  return std::sqrt(squares / (n - 1.0) / n);
}

std::optional<double> paired_permutation_p(std::span<const double> differences,
                                           const Stream& stream,
                                           int64_t num_draws) {
  if (differences.empty()) return std::nullopt;
  const double observed = std::abs(std::accumulate(differences.begin(), differences.end(), 0.0));
  // Sums of the same numbers in another order may differ in the last bit; equal counts as extreme.
  const double slack = 1e-12 * (1.0 + observed);
  int64_t extreme = 0;
  uint64_t position = 0;
  for (int64_t draw = 0; draw < num_draws; ++draw) {
    double sum = 0;
    for (const double difference : differences) {
      sum += (stream.bits(position++) & 1U) != 0 ? difference : -difference;
    }
    if (std::abs(sum) >= observed - slack) ++extreme;
  }
  // The observed signs are one of the permutations (Phipson and Smyth 2010).
  return (static_cast<double>(extreme) + 1.0) / (static_cast<double>(num_draws) + 1.0);
}

ForkShares fork_shares(std::span<const float> entropies,
                       std::span<const uint8_t> planning,
                       double share) {
  ForkShares shares;
  if (entropies.empty()) return shares;
  const auto count = static_cast<size_t>(std::ceil(share * static_cast<double>(entropies.size())));
  std::vector<size_t> order(entropies.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(
      order.begin(), order.end(), [&](size_t a, size_t b) { return entropies[a] > entropies[b]; });
  const auto num_planning = std::count(planning.begin(), planning.end(), uint8_t{1});
  int64_t both = 0;
  for (size_t i = 0; i < count; ++i) both += planning[order[i]];
  if (num_planning > 0) {
    shares.high_given_planning = static_cast<double>(both) / static_cast<double>(num_planning);
  }
  if (count > 0) {
    shares.planning_given_high = static_cast<double>(both) / static_cast<double>(count);
  }
  return shares;
}

}  // namespace stratagram::metrics
