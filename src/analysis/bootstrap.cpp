#include "analysis/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/interrupt.h"

namespace stratagram::analysis {
namespace {

constexpr double kDefinedShare = 0.95;
constexpr const char* kStopped = "stopped; nothing was written, so run the command again";

std::vector<int64_t> drawn_times(size_t num_problems, const Stream& stream, uint64_t draw) {
  std::vector<int64_t> times(num_problems, 0);
  for (size_t i = 0; i < num_problems; ++i) {
    ++times[stream.below(num_problems, draw * num_problems + i)];
  }
  return times;
}

std::optional<metrics::Interval> interval_of(std::vector<double> draws,
                                             double estimate,
                                             const FigureId& id,
                                             int64_t num_draws,
                                             bool may_be_negative) {
  const auto wanted = kDefinedShare * static_cast<double>(num_draws);
  if (id.is_count || static_cast<double>(draws.size()) < wanted) return std::nullopt;
  const double centre = metrics::mean(draws).value_or(estimate);
  std::optional<metrics::Interval> interval = metrics::central_interval(std::move(draws));
  if (interval && id.recentred) {
    interval->low += estimate - centre;
    interval->high += estimate - centre;
    if (!may_be_negative) interval->low = std::max(interval->low, 0.0);
  }
  return interval;
}

std::optional<double> less(const Value& second, const Value& first) {
  if (!second.value || !first.value) return std::nullopt;
  return *second.value - *first.value;
}

std::vector<std::optional<double>> differences_of(const Evaluate& evaluate_times,
                                                  std::span<const int64_t> first,
                                                  std::span<const int64_t> second) {
  const std::vector<Value> a = evaluate_times(first);
  const std::vector<Value> b = evaluate_times(second);
  std::vector<std::optional<double>> differences;
  differences.reserve(a.size());
  for (size_t i = 0; i < a.size(); ++i) differences.push_back(less(b[i], a[i]));
  return differences;
}

// `times` of each pair, for the first and for the second of it.
std::pair<std::vector<int64_t>, std::vector<int64_t>> sides(const std::vector<int64_t>& times) {
  std::vector<int64_t> first = times;
  first.resize(2 * times.size(), 0);
  std::vector<int64_t> second(times.size(), 0);
  second.insert(second.end(), times.begin(), times.end());
  return {std::move(first), std::move(second)};
}

}  // namespace

std::vector<std::optional<metrics::Interval>> bootstrap_intervals(const Evaluate& evaluate_times,
                                                                  std::span<const FigureId> ids,
                                                                  size_t num_problems,
                                                                  int64_t num_draws,
                                                                  const Stream& stream) {
  std::vector<std::optional<metrics::Interval>> intervals(ids.size());
  if (num_problems < 2 || num_draws < 2) return intervals;
  const std::vector<Value> estimates = evaluate_times(std::vector<int64_t>(num_problems, 1));
  std::vector<std::vector<double>> draws(ids.size());
  for (int64_t draw = 0; draw < num_draws; ++draw) {
    throw_if_interrupted(kStopped);
    const std::vector<Value> values =
        evaluate_times(drawn_times(num_problems, stream, static_cast<uint64_t>(draw)));
    for (size_t i = 0; i < ids.size(); ++i) {
      const std::optional<double>& value = values[i].value;
      if (value) draws[i].push_back(*value);
    }
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::optional<double>& estimate = estimates[i].value;
    if (!estimate) continue;
    intervals[i] =
        interval_of(std::move(draws[i]), *estimate, ids[i], num_draws, /*may_be_negative=*/false);
  }
  return intervals;
}

std::vector<Difference> paired_differences(const Evaluate& evaluate_times,
                                           std::span<const FigureId> ids,
                                           size_t num_problems,
                                           int64_t num_draws,
                                           uint64_t seed) {
  const Stream bootstrap({.seed = seed, .purpose = "paired bootstrap"});
  const Stream coins({.seed = seed, .purpose = "paired permutation"});
  const auto [all_first, all_second] = sides(std::vector<int64_t>(num_problems, 1));
  const auto observed = differences_of(evaluate_times, all_first, all_second);
  std::vector<std::vector<double>> draws(ids.size());
  std::vector<int64_t> extreme(ids.size(), 0);
  for (int64_t draw = 0; draw < num_draws; ++draw) {
    throw_if_interrupted(kStopped);
    const auto position = static_cast<uint64_t>(draw);
    const auto [first, second] = sides(drawn_times(num_problems, bootstrap, position));
    const auto drawn = differences_of(evaluate_times, first, second);
    std::vector<int64_t> one(2 * num_problems, 0);
    std::vector<int64_t> other(2 * num_problems, 0);
    for (size_t i = 0; i < num_problems; ++i) {
      const bool exchanged = (coins.bits(position * num_problems + i) & 1U) != 0;
      one[exchanged ? num_problems + i : i] = 1;
      other[exchanged ? i : num_problems + i] = 1;
    }
    const auto permuted = differences_of(evaluate_times, one, other);
    for (size_t i = 0; i < ids.size(); ++i) {
      const std::optional<double>& seen = observed[i];
      const std::optional<double>& again = drawn[i];
      const std::optional<double>& by_chance = permuted[i];
      if (!seen) continue;
      if (again) draws[i].push_back(*again);
      // One that is not defined counts as extreme, which makes p larger. Sums of the same numbers
      // in another order may differ in the last bits.
      const double bound = std::abs(*seen) * (1 - 1e-9) - 1e-12;
      if (!by_chance || std::abs(*by_chance) >= bound) ++extreme[i];
    }
  }
  std::vector<Difference> differences(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::optional<double>& seen = observed[i];
    if (!seen || ids[i].is_count) continue;
    differences[i].value = seen;
    differences[i].n = static_cast<int64_t>(num_problems);
    if (num_draws < 2 || num_problems < 2) continue;
    differences[i].interval =
        interval_of(std::move(draws[i]), *seen, ids[i], num_draws, /*may_be_negative=*/true);
    differences[i].p = (static_cast<double>(extreme[i]) + 1) / (static_cast<double>(num_draws) + 1);
  }
  return differences;
}

}  // namespace stratagram::analysis
