#include "metrics/share_interval.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace stratagram::metrics {

std::optional<Interval> share_interval(double share, int64_t num_items) {
  constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the standard normal
  STRATAGRAM_CHECK(share >= 0 && share <= 1, "share {}", share);
  if (num_items < 1) return std::nullopt;
  const auto n = static_cast<double>(num_items);
  const double centre = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half =
      kZ / (1 + kZ * kZ / n) * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return Interval{.low = std::max(centre - half, 0.0), .high = std::min(centre + half, 1.0)};
}

}  // namespace stratagram::metrics
