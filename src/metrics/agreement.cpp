#include "metrics/agreement.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/error.h"

namespace stratagram::metrics {
namespace {

struct Shares {
  std::map<std::pair<int64_t, int64_t>, double> cells;
  std::map<int64_t, double> first;
  std::map<int64_t, double> second;
};

Shares shares_of(std::span<const int64_t> first, std::span<const int64_t> second) {
  Shares shares;
  const double one = 1.0 / static_cast<double>(first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    shares.cells[{first[i], second[i]}] += one;
    shares.first[first[i]] += one;
    shares.second[second[i]] += one;
  }
  return shares;
}

double share_of(const std::map<int64_t, double>& shares, int64_t label) {
  const auto found = shares.find(label);
  return found == shares.end() ? 0.0 : found->second;
}

// Fleiss, Cohen and Everitt (1969), equation 13, times the number of items.
double variance_of(const Shares& shares, double observed, double expected) {
  double sum = 0;
  for (const auto& [labels, share] : shares.cells) {
    const double margins =
        share_of(shares.second, labels.first) + share_of(shares.first, labels.second);
    const double term = labels.first == labels.second
                            ? (1.0 - expected) - margins * (1.0 - observed)
                            : margins * (1.0 - observed);
    sum += share * term * term;
  }
  const double centre = observed * expected - 2.0 * expected + observed;
  return (sum - centre * centre) / std::pow(1.0 - expected, 4);
}

// The point that a standard normal variable stays below with this probability, by bisection.
double normal_quantile(double probability) {
  double low = -40;
  double high = 40;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

std::optional<Agreement> cohen_kappa(std::span<const int64_t> first,
                                     std::span<const int64_t> second,
                                     double confidence) {
  STRATAGRAM_CHECK(first.size() == second.size(),
                   "cohen_kappa: {} labels against {}",
                   first.size(),
                   second.size());
  STRATAGRAM_CHECK(confidence > 0 && confidence < 1, "cohen_kappa: confidence {}", confidence);
  if (first.size() < 2) return std::nullopt;
  const Shares shares = shares_of(first, second);
  double observed = 0;
  for (const auto& [labels, share] : shares.cells) {
    if (labels.first == labels.second) observed += share;
  }
  double expected = 0;
  for (const auto& [label, share] : shares.first)
    expected += share * share_of(shares.second, label);
  const bool one_label =
      shares.first.size() == 1 && shares.second.size() == 1 && shares.second.contains(first[0]);
  if (one_label) return std::nullopt;

  Agreement agreement{.num_items = static_cast<int64_t>(first.size()),
                      .observed = std::min(observed, 1.0),
                      .kappa = std::min((observed - expected) / (1.0 - expected), 1.0)};
  const double variance = variance_of(shares, observed, expected);
  if (variance > 1e-12) {
    const double half = normal_quantile(0.5 + confidence / 2) *
                        std::sqrt(variance / static_cast<double>(first.size()));
    agreement.interval = Interval{.low = std::max(agreement.kappa - half, -1.0),
                                  .high = std::min(agreement.kappa + half, 1.0)};
  }
  return agreement;
}

}  // namespace stratagram::metrics
