#include "metrics/significance.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace stratagram::metrics {

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.size());
  double least = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    least = std::max(least, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    corrected[order[i]] = least;
  }
  return corrected;
}

double minimum_detectable_difference(double standard_error) {
  constexpr double kZ975 = 1.959963984540054;
  constexpr double kZ80 = 0.8416212335729143;
  return (kZ975 + kZ80) * standard_error;
}

}  // namespace stratagram::metrics
