#include "metrics/entropy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stratagram::metrics {
namespace {

int64_t total_of(std::span<const int64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

// A bootstrap asks for the same ones over and over; each thread keeps them up to 8 MB.
double log_factorial(int64_t n) {
  constexpr int64_t kKept = int64_t{1} << 20;
  if (n >= kKept) return std::lgamma(static_cast<double>(n) + 1);
  thread_local std::vector<double> table;
  while (static_cast<int64_t>(table.size()) <= n) {
    table.push_back(std::lgamma(static_cast<double>(table.size()) + 1));
  }
  return table[static_cast<size_t>(n)];
}

double log_choose(int64_t n, int64_t k) {
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

// The counts alone, those of a gram one after the other.
struct Grouped {
  explicit Grouped(const FollowerCounts& counts) {
    for (const auto& [gram, followers] : counts) {
      for (const auto& [key, count] : followers) all.push_back(count);
    }
    size_t first = 0;
    for (const auto& [gram, followers] : counts) {
      by_gram.push_back(std::span<const int64_t>(all).subspan(first, followers.size()));
      first += followers.size();
    }
  }
  std::vector<int64_t> all;
  std::vector<std::span<const int64_t>> by_gram;
};

}  // namespace

std::optional<double> shannon_entropy(std::span<const int64_t> counts) {
  const int64_t total = total_of(counts);
  if (total < 2) return std::nullopt;
  double entropy = 0;
  for (const int64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(total);
    entropy -= share * std::log(share);
  }
  return std::max(entropy, 0.0);
}

std::optional<double> miller_madow_entropy(std::span<const int64_t> counts) {
  const std::optional<double> plain = shannon_entropy(counts);
  if (!plain) return std::nullopt;
  int64_t kinds = 0;
  for (const int64_t count : counts) kinds += count > 0 ? 1 : 0;
  return *plain + static_cast<double>(kinds - 1) / (2.0 * static_cast<double>(total_of(counts)));
}

// By linearity: a kind with K of N occurrences is seen k times in m draws with hypergeometric
// probability C(K, k) C(N - K, m - k) / C(N, m), and then adds -(k/m) log(k/m).
std::optional<double> rarefied_entropy(std::span<const int64_t> counts, int64_t draws) {
  const int64_t total = total_of(counts);
  if (draws < 2 || total < draws) return std::nullopt;
  const double all = log_choose(total, draws);
  std::map<int64_t, int64_t> kinds;  // by count, so that equal counts are summed once
  for (const int64_t count : counts) {
    if (count > 0) ++kinds[count];
  }
  double entropy = 0;
  for (const auto& [count, num_kinds] : kinds) {
    double expected = 0;
    for (int64_t seen = 1; seen <= std::min(count, draws); ++seen) {
      if (draws - seen > total - count) continue;
      const double log_probability =
          log_choose(count, seen) + log_choose(total - count, draws - seen) - all;
      const double share = static_cast<double>(seen) / static_cast<double>(draws);
      expected -= std::exp(log_probability) * share * std::log(share);
    }
    entropy += static_cast<double>(num_kinds) * expected;
  }
  return std::max(entropy, 0.0);
}

std::optional<double> conditional_entropy(const FollowerCounts& counts) {
  return grouped_conditional_entropy(Grouped(counts).by_gram);
}

std::optional<double> grouped_conditional_entropy(
    std::span<const std::span<const int64_t>> by_gram) {
  double sum = 0;
  double occurrences = 0;
  bool any = false;
  for (const std::span<const int64_t> values : by_gram) {
    const std::optional<double> entropy = shannon_entropy(values);
    any = any || entropy.has_value();
    const auto of_gram = static_cast<double>(total_of(values));
    occurrences += of_gram;
    sum += of_gram * entropy.value_or(0.0);  // one occurrence has one continuation
  }
  if (!any) return std::nullopt;
  return sum / occurrences;
}

std::optional<double> rarefied_conditional_entropy(const FollowerCounts& counts, int64_t draws) {
  return grouped_rarefied_conditional_entropy(Grouped(counts).by_gram, draws);
}

std::optional<double> grouped_rarefied_conditional_entropy(
    std::span<const std::span<const int64_t>> by_gram, int64_t draws) {
  std::vector<int64_t> pairs;
  std::vector<int64_t> grams;
  for (const std::span<const int64_t> values : by_gram) {
    pairs.insert(pairs.end(), values.begin(), values.end());
    grams.push_back(total_of(values));
  }
  const std::optional<double> joint = rarefied_entropy(pairs, draws);
  const std::optional<double> marginal = rarefied_entropy(grams, draws);  // of as many occurrences
  if (!joint || !marginal) return std::nullopt;
  return std::max(*joint - *marginal, 0.0);
}

}  // namespace stratagram::metrics
