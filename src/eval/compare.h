// eval/compare.h -- two policies on the same problems: the paired difference and what it is worth
// (definitions, section 6). Reads what `eval --out` wrote. Free of tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/statistics.h"

namespace stratagram::eval {

/// One evaluation of one benchmark.
struct Scores {
  std::string name;                          ///< of the folder it was read from
  std::map<std::string, double> accuracy{};  ///< by problem id: share of its samples correct
  nlohmann::json conditions{};               ///< what must agree before two are compared
};

/// Names of the benchmarks that the folder holds whole results of, sorted. Throws Error(kData) when
/// there is none.
[[nodiscard]] std::vector<std::string> benchmarks_in(const std::filesystem::path& folder);

/// Reads BENCHMARK.json and BENCHMARK.samples.jsonl. Throws Error(kData) for a missing or damaged
/// one, with the line.
[[nodiscard]] Scores read_scores(const std::filesystem::path& folder, const std::string& benchmark);

/// Names of the conditions (problems, prompt, sampling) that differ; empty when the two may be
/// compared.
[[nodiscard]] std::vector<std::string> differing_conditions(const Scores& a, const Scores& b);

struct Difference {
  int64_t num_problems = 0;
  double mean = 0;                              ///< of `b` less that of `a`
  std::optional<metrics::Interval> interval{};  ///< 95 %, percentile bootstrap over problems
  std::optional<double> p{};                    ///< two-sided, paired permutation of signs
};

/// Over the problems both have, paired; Error(kData) when there is none. `seed` keys the draws.
[[nodiscard]] Difference paired_difference(const Scores& a, const Scores& b, uint64_t seed);

/// One benchmark's table: a line for each of `all`, then one for each pair of them.
[[nodiscard]] std::string comparison_table(const std::string& benchmark,
                                           std::span<const Scores> all,
                                           uint64_t seed);

}  // namespace stratagram::eval
