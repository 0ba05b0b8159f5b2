// grams/logistic.h -- logistic regression with a ridge, for a handful of features.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace stratagram::grams {

/// Rows of features: that of row i is values[i * width] to values[(i + 1) * width - 1].
struct FeatureRows {
  std::vector<double> values{};
  size_t width = 0;

  [[nodiscard]] size_t num_rows() const { return width == 0 ? 0 : values.size() / width; }
  [[nodiscard]] std::span<const double> row(size_t index) const {
    return std::span(values).subspan(index * width, width);
  }
};

struct Logistic {
  double bias = 0;
  std::vector<double> weights{};

  /// Probability of "yes" for one row, in (0, 1).
  [[nodiscard]] double probability(std::span<const double> row) const;
};

/// Maximises the log-likelihood less ridge/2 times the squared weights (not the bias), by Newton's
/// method. `yes` has one item a row; ridge is above 0, so there is one answer, also for labels that
/// a plane parts. Throws Error(kNumeric) when it has not settled after 100 steps, which needs
/// features of wildly different size: standardise them.
[[nodiscard]] Logistic fit_logistic(const FeatureRows& rows,
                                    const std::vector<bool>& yes,
                                    double ridge);

}  // namespace stratagram::grams
