// eval/recipe.h -- how a benchmark is asked, sampled and judged: data/benchmarks.toml, whose head
// says what each key means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reward/config.h"
#include "rollout/config.h"
#include "text/problems.h"

namespace stratagram::eval {

/// What decides verdicts and groups of a benchmark's samples.
struct Judging {
  std::vector<std::string> extraction = reward::RewardConfig{}.extraction;
  double relative_tolerance = reward::RewardConfig{}.relative_tolerance;
  std::string error_field{};  ///< of a problem: the absolute error its answer allows; empty: none
  /// Patterns (text/field_pattern.h) over the problem's fields and its id, by the group's name.
  std::map<std::string, std::string> groups{{"level", "{level}"}, {"subject", "{subject}"}};
};

/// The defaults are those of a problem set without a recipe.
struct Recipe {
  std::string name{};      ///< of the results
  std::string problems{};  ///< a problem set, by file or by name
  std::string prompt = "plain";
  int64_t num_samples = 1;
  rollout::SamplingConfig sampling{.temperature = 0.6, .top_p = 0.95};
  Judging judging{};
};

/// benchmarks.toml among the files that come with the program. Throws like share_folder().
[[nodiscard]] std::filesystem::path recipes_file();

/// In the order of their names. Throws Error: kData when the file cannot be read, kConfig
/// "FILE:LINE: benchmark 'x': key 'y': ..." for an unknown, missing or senseless value.
[[nodiscard]] std::vector<Recipe> read_recipes(const std::filesystem::path& file);

/// The recipe of that name, or the one whose problem set has that name; else, and for the path of a
/// file that is there, one with the defaults, named after the file.
[[nodiscard]] Recipe find_recipe(const std::vector<Recipe>& recipes, const std::string& name);

/// The groups that a problem with these fields is in, by the group's name.
[[nodiscard]] text::Fields groups_of(const Judging& judging,
                                     const std::string& problem_id,
                                     const text::Fields& fields);

[[nodiscard]] nlohmann::json to_json(const Judging& judging);
/// Reads what to_json() wrote. Throws Error(kData) naming `where`.
[[nodiscard]] Judging judging_of(const nlohmann::json& value, const std::string& where);

}  // namespace stratagram::eval
