// eval/compare.h -- policies on the same problems: the paired difference and what it is worth
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
  std::map<std::string, int64_t> counts{};   ///< by problem id: its samples
  nlohmann::json conditions{};               ///< what must agree before two are compared
};

/// Reads BENCHMARK.json and BENCHMARK.samples.jsonl. Throws Error(kData) for a missing or damaged
/// one, with the line.
[[nodiscard]] Scores read_scores(const std::filesystem::path& folder, const std::string& benchmark);

/// Names of the conditions (problems, template, sampling, samples, verifier) that differ; empty
/// when the two may be compared.
[[nodiscard]] std::vector<std::string> differing_conditions(const Scores& a, const Scores& b);

struct Difference {
  int64_t num_problems = 0;
  double mean = 0;                              ///< of `b` less that of `a`
  std::optional<metrics::Interval> interval{};  ///< 95 %, percentile bootstrap over problems
  std::optional<double> p{};                    ///< two-sided, paired permutation of signs
  /// metrics::minimum_detectable_difference() of the paired standard error.
  std::optional<double> detectable{};
};

/// Over the problems both have, paired; Error(kData) when there is none. `seed` keys the draws.
[[nodiscard]] Difference paired_difference(const Scores& a, const Scores& b, uint64_t seed);

/// What of the two is in no pair, or in one of unequal numbers of samples, as a sentence; empty
/// when all is paired.
[[nodiscard]] std::string unpaired(const Scores& a, const Scores& b);

/// One benchmark, evaluated by each of several policies.
struct ComparedBenchmark {
  std::string name;
  std::vector<Scores> all;  ///< the same policies in the same order for each benchmark
};

/// For each benchmark a line of each policy, then one of each pair of them. The p values of a pair
/// are corrected (metrics::holm) over the benchmarks. Where conditions differ or something is not
/// paired, a line says so.
[[nodiscard]] std::string comparison_table(std::span<const ComparedBenchmark> benchmarks,
                                           uint64_t seed);

}  // namespace stratagram::eval
