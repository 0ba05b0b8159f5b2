#include "grams/logistic.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace stratagram::grams {
namespace {

// Square, row-major.
struct Matrix {
  size_t size = 0;
  std::vector<double> values = std::vector<double>(size * size, 0.0);

  double& at(size_t row, size_t column) { return values[row * size + column]; }
};

// Solves m x = y for a symmetric m whose eigenvalues are above 0 (Cholesky); destroys m.
std::vector<double> solve(Matrix m, std::vector<double> y) {
  const size_t n = m.size;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = m.at(i, j);
      for (size_t k = 0; k < j; ++k) sum -= m.at(i, k) * m.at(j, k);
      m.at(i, j) = i == j ? std::sqrt(sum) : sum / m.at(j, j);
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) y[i] -= m.at(i, k) * y[k];
    y[i] /= m.at(i, i);
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) y[i] -= m.at(k, i) * y[k];
    y[i] /= m.at(i, i);
  }
  return y;
}

double probability_of(double logit) {
  return logit >= 0 ? 1 / (1 + std::exp(-logit)) : std::exp(logit) / (1 + std::exp(logit));
}

// The bias is the weight of a feature that is 1 in every row; it comes first.
double feature(std::span<const double> row, size_t index) {
  return index == 0 ? 1.0 : row[index - 1];
}

}  // namespace

double Logistic::probability(std::span<const double> row) const {
  double logit = bias;
  for (size_t i = 0; i < weights.size(); ++i) logit += weights[i] * row[i];
  return probability_of(logit);
}

Logistic fit_logistic(const FeatureRows& rows, const std::vector<bool>& yes, double ridge) {
  constexpr int kMaxSteps = 100;
  constexpr double kSettled = 1e-10;
  STRATAGRAM_CHECK(rows.num_rows() == yes.size() && ridge > 0,
                   "{} rows, {} answers, ridge {}",
                   rows.num_rows(),
                   yes.size(),
                   ridge);
  const size_t n = rows.width + 1;
  Logistic model{.bias = 0, .weights = std::vector<double>(rows.width, 0.0)};
  for (int step = 0; step < kMaxSteps; ++step) {
    Matrix curvature{.size = n};
    std::vector<double> slope(n, 0.0);
    for (size_t i = 1; i < n; ++i) {
      slope[i] = -ridge * model.weights[i - 1];
      curvature.at(i, i) = ridge;
    }
    // A little on the bias, too: without it rows of one answer only have no best bias.
    curvature.at(0, 0) = 1e-9;
    slope[0] = -1e-9 * model.bias;
    for (size_t r = 0; r < rows.num_rows(); ++r) {
      const std::span<const double> row = rows.row(r);
      const double p = model.probability(row);
      for (size_t i = 0; i < n; ++i) {
        slope[i] += ((yes[r] ? 1.0 : 0.0) - p) * feature(row, i);
        for (size_t j = 0; j <= i; ++j) {
          curvature.at(i, j) += p * (1 - p) * feature(row, i) * feature(row, j);
        }
      }
    }
    const std::vector<double> change = solve(std::move(curvature), slope);
    double largest = 0;
    for (size_t i = 0; i < n; ++i) {
      (i == 0 ? model.bias : model.weights[i - 1]) += change[i];
      largest = std::max(largest, std::abs(change[i]));
    }
    if (largest < kSettled) return model;
  }
  fail(ErrorKind::kNumeric, "logistic regression has not settled after {} steps", kMaxSteps);
}

}  // namespace stratagram::grams
