#include "speed/gradient_differences.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

namespace stratagram::speed {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// In float64, of one that is defined.
double norm_of(const at::Tensor& tensor) {
  return tensor.norm(2, at::kDouble).item<double>();
}

}  // namespace

GradientDifferences gradient_differences(const model::Weights& got, const model::Weights& wanted) {
  GradientDifferences differences;
  for (const auto& [name, gradient] : wanted) {
    const at::Tensor& other = got.at(name);
    if (!gradient.defined() && !other.defined()) continue;
    GradientNorms& norms = differences[name];
    norms = {.wanted = gradient.defined() ? norm_of(gradient) : 0.0, .off = kInfinity};
    if (!gradient.defined() || !other.defined()) continue;
    const double off = norm_of(other.to(at::kDouble) - gradient);
    if (std::isfinite(off)) norms.off = off;
  }
  return differences;
}

GradientDifferences of_kinds(const GradientDifferences& differences) {
  static const std::regex layer("\\.[0-9]+\\.");
  GradientDifferences kinds;
  for (const auto& [name, norms] : differences) {
    GradientNorms& kind = kinds[std::regex_replace(name, layer, ".*.")];
    kind = {.wanted = std::hypot(kind.wanted, norms.wanted),
            .off = std::hypot(kind.off, norms.off)};
  }
  return kinds;
}

LargestDifference largest_difference(const GradientDifferences& differences) {
  double size = 0;
  for (const auto& [name, norms] : differences) size = std::max(size, norms.wanted);
  LargestDifference largest;
  for (const auto& [name, norms] : differences) {
    if (norms.off == 0) continue;
    const double relative =
        std::isfinite(norms.off) ? norms.off / (norms.wanted + 1e-3 * size) : kInfinity;
    if (relative > largest.relative) largest = {.relative = relative, .name = name};
  }
  return largest;
}

GradientDifferences without_rounding(GradientDifferences differences,
                                     const RoundingNorms& rounding) {
  constexpr double kTimes = 10;
  for (auto& [name, norms] : differences) {
    if (norms.off <= kTimes * rounding.at(name)) norms.off = 0;
  }
  return differences;
}

}  // namespace stratagram::speed
