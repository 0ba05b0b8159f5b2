// metrics/agreement.h -- how far two who label the same items agree beyond chance. The one place
// that computes Cohen's kappa: between reviewers, between a method and labels, between two askings
// of a judge.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "metrics/statistics.h"

namespace stratagram::metrics {

struct Agreement {
  int64_t num_items = 0;
  double observed = 0;  ///< share of items with equal labels, in [0, 1]
  double kappa = 0;     ///< in [-1, 1]; 1 for equal labels, 0 for no more than chance
  /// Of kappa; none where its variance is estimated as 0, as it is when all labels are equal: a few
  /// items that agree do not make agreement certain.
  std::optional<Interval> interval{};
};

/// Cohen's (1960) kappa, (observed - expected) / (1 - expected), with the large-sample interval of
/// Fleiss, Cohen and Everitt (1969), cut to [-1, 1].
///   first second  any numbers that stand for labels; item i has the labels first[i] and second[i]
/// None for fewer than two items, and where only one label was given at all, as agreement cannot
/// exceed chance then. Throws Error(kInternal) when the lengths differ and unless confidence is in
/// (0, 1).
[[nodiscard]] std::optional<Agreement> cohen_kappa(std::span<const int64_t> first,
                                                   std::span<const int64_t> second,
                                                   double confidence = 0.95);

}  // namespace stratagram::metrics
