// eval/summary.h -- what samples of a problem set say about a policy (definitions, section 6). Free
// of tensors, and of problems: every figure comes from the rows.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/sample_rows.h"
#include "eval/majority.h"
#include "metrics/statistics.h"

namespace stratagram::eval {

/// A mean over problems. Samples of one problem are one value, so error and interval are clustered
/// by problem; both are absent for a single one.
struct Estimate {
  double mean = 0;
  std::optional<double> standard_error{};
  std::optional<metrics::Interval> interval{};  ///< 95 %, percentile bootstrap over problems
};

/// Of one value of each problem. `seed` and `k` key the bootstrap.
[[nodiscard]] Estimate estimate(std::span<const double> values, uint64_t seed, int64_t k);

/// The problems of one subject, level, ...
struct GroupRow {
  std::string group;  ///< "subject"
  std::string value;  ///< "Algebra"
  int64_t num_problems = 0;
  Estimate pass_at_1{};
};

struct Summary {
  int64_t num_problems = 0;
  int64_t num_samples = 0;                    ///< of each problem
  std::map<int64_t, Estimate> pass_at{};      ///< by k: 1, 2, 4, ... and the number of samples
  std::map<int64_t, Estimate> majority_at{};  ///< by the same k above 1
  Estimate truncated{};                       ///< share of samples cut off by the budget
  Estimate unparseable{};                     ///< share of samples without an answer
  Estimate length{};                          ///< tokens
  std::vector<GroupRow> groups{};             ///< by group, then by value
};

/// Of rows as eval::sample_row() makes them: verdict, finish, length, predicted, kind and groups
/// count. Answers of problems of kind "math" are one where `same` says so; others where their
/// texts are equal but for blanks. Throws Error: kInternal unless every row is there, and at least
/// one; kData for a row without those. `seed` keys the bootstrap.
[[nodiscard]] Summary summarise(const SampleRows& rows, uint64_t seed, const SameAnswer& same);

[[nodiscard]] nlohmann::json to_json(const Summary& summary);

/// Lines for a terminal, in percent. `title` stands in the first one.
[[nodiscard]] std::string to_text(const Summary& summary, const std::string& title);

/// A table of several benchmarks by name, a line each, and the mean of their pass@1, whose standard
/// error takes them as independent: sqrt(sum of squares) / number.
[[nodiscard]] std::string overview(const std::vector<std::pair<std::string, Summary>>& summaries);

}  // namespace stratagram::eval
