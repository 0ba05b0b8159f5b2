#include "credit/group_advantage.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace stratagram::credit {
namespace {

constexpr double kStdFloor = 1e-6;

}  // namespace

std::vector<double> group_advantages(std::span<const double> rewards, std::string_view baseline) {
  if (baseline != "group_mean" && baseline != "group_std" && baseline != "leave_one_out") {
    fail(ErrorKind::kConfig,
         "credit.baseline: wanted group_mean, group_std or leave_one_out, got '{}'",
         baseline);
  }
  for (size_t i = 0; i < rewards.size(); ++i) {
    if (!std::isfinite(rewards[i])) {
      fail(ErrorKind::kNumeric, "reward {} of its group: wanted a number, got {}", i, rewards[i]);
    }
  }
  std::vector<double> advantages(rewards.size(), 0.0);
  // The mean of n equal numbers need not be that number in floating point.
  const auto [low, high] = std::minmax_element(rewards.begin(), rewards.end());
  if (rewards.empty() || *low == *high) return advantages;

  const auto n = static_cast<double>(rewards.size());
  const double mean = std::accumulate(rewards.begin(), rewards.end(), 0.0) / n;
  double squares = 0.0;
  for (size_t i = 0; i < rewards.size(); ++i) {
    advantages[i] = rewards[i] - mean;
    squares += advantages[i] * advantages[i];
  }
  double factor = 1.0;
  if (baseline == "group_std") factor = 1.0 / (std::sqrt(squares / (n - 1)) + kStdFloor);
  // R_i - (n mean - R_i) / (n - 1) = (R_i - mean) n / (n - 1).
  if (baseline == "leave_one_out") factor = n / (n - 1);
  for (double& advantage : advantages) advantage *= factor;
  return advantages;
}

}  // namespace stratagram::credit
