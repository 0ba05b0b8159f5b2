// eval/summary.h -- what samples of a problem set say about a policy. Free of tensors.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "core/sample_rows.h"
#include "metrics/statistics.h"

namespace stratagram::eval {

/// A mean over problems. Samples of one problem are one value, so error and interval are clustered
/// by problem; both are absent for a single one.
struct Estimate {
  double mean = 0;
  std::optional<double> standard_error{};
  std::optional<metrics::Interval> interval{};  ///< 95 %, percentile bootstrap over problems
};

/// Of pass@k of each problem. `seed` keys the bootstrap.
[[nodiscard]] Estimate estimate(std::span<const double> values, uint64_t seed, int64_t k);

struct Summary {
  int64_t num_problems = 0;
  int64_t num_samples = 0;                ///< of each problem
  std::map<int64_t, Estimate> pass_at{};  ///< by k: 1, 2, 4, ... and the number of samples
  double truncated_share = 0;             ///< of all samples: cut off by the budget
  double unparseable_share = 0;           ///< of all samples: no answer found
  double mean_length = 0;                 ///< tokens
};

/// Of rows as eval::sample_row() makes them: verdict, finish and length count. Throws Error:
/// kInternal unless every row is there, and at least one; kData for a row without those. `seed`
/// keys the bootstrap.
[[nodiscard]] Summary summarise(const SampleRows& rows, uint64_t seed);

[[nodiscard]] nlohmann::json to_json(const Summary& summary);

/// Lines for a terminal, in percent.
[[nodiscard]] std::string to_text(const Summary& summary, const std::string& title);

}  // namespace stratagram::eval
