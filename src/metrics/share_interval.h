// metrics/share_interval.h -- what a share seen in few items says of the share in all.
#pragma once

#include <cstdint>
#include <optional>

#include "metrics/statistics.h"

namespace stratagram::metrics {

/// Wilson's (1927) score interval at 95 %, inside [0, 1] and never a point, also for shares of 0
/// and 1.
///   share  mean of values in [0, 1] of that many independent items; for values other than 0 and 1
///          the interval is wider than it needs to be
/// None for no items. Throws Error(kInternal) for a share outside [0, 1].
[[nodiscard]] std::optional<Interval> share_interval(double share, int64_t num_items);

}  // namespace stratagram::metrics
