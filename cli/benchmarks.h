// cli/benchmarks.h -- the benchmarks that are to be evaluated: recipe, problems, and what the user
// wants otherwise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/records.h"
#include "eval/evaluate.h"
#include "eval/recipe.h"
#include "text/problems.h"

namespace stratagram::cli {

struct Benchmark {
  std::string given;  ///< as the command line has it
  eval::Recipe recipe;
  std::filesystem::path path;
  std::vector<Problem> problems{};
  std::map<std::string, text::Fields> fields{};  ///< of the problems, by id
};

/// What overrides every recipe; empty: the recipe's.
struct RecipeOverrides {
  std::optional<text::PromptTemplate> prompt{};
  std::optional<int64_t> num_samples{};
  std::optional<double> temperature{};
  std::optional<double> top_p{};
  std::optional<int64_t> top_k{};
  std::optional<double> min_p{};
  std::optional<int64_t> max_new_tokens{};
  std::optional<std::vector<std::string>> stop{};
};

/// Reads them all, by recipe, file or name, and warns of problems without an answer, which are left
/// out. `limit`: only the first problems of each; 0 = all. Throws like eval::read_recipes(),
/// text::find_problem_set() and text::read_problems(), and Error(kData) for an absolute error that
/// is no number.
[[nodiscard]] std::vector<Benchmark> read_benchmarks(const std::vector<std::string>& names,
                                                     int64_t limit);

/// Throws Error(kConfig) when two have results of one name.
void check_names(const std::vector<Benchmark>& benchmarks);

/// How the benchmark is asked. A template brings its stop texts, unless others are given. Throws
/// like text::find_template().
[[nodiscard]] eval::EvalOptions options_for(const Benchmark& benchmark,
                                            const RecipeOverrides& overrides,
                                            const rollout::EngineConfig& engine,
                                            uint64_t seed);

/// What decides the samples of a benchmark and their verdicts, besides the policy.
[[nodiscard]] nlohmann::json conditions_of(const Benchmark& benchmark,
                                           const eval::EvalOptions& options);

}  // namespace stratagram::cli
