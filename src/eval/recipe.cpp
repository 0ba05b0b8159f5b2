#include "eval/recipe.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"
#include "core/share.h"
#include "reward/config.h"
#include "text/field_pattern.h"
#include "text/toml_entry.h"

namespace stratagram::eval {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using text::TomlEntry;

void read_groups(const TomlEntry& groups, Judging& judging) {
  for (const std::string& name : groups.keys()) {
    judging.groups[name] = groups.text(name);
    (void)text::FieldPattern(judging.groups[name], groups.where(name));
  }
}

Recipe recipe_of(const TomlEntry& entry, const std::string& name) {
  entry.want_only({"title",
                   "problems",
                   "template",
                   "samples",
                   "temperature",
                   "top_p",
                   "max_new_tokens",
                   "extraction",
                   "tolerance",
                   "error",
                   "groups"});
  (void)entry.text("title");
  Recipe recipe{.name = name, .problems = entry.text("problems"), .prompt = entry.text("template")};
  recipe.num_samples = entry.count("samples");
  recipe.sampling.temperature = entry.number("temperature", 0, 100);
  recipe.sampling.top_p = entry.number("top_p", 1e-6, 1);
  recipe.sampling.max_new_tokens = entry.count("max_new_tokens");
  Judging& judging = recipe.judging;
  judging.extraction = entry.texts("extraction");
  judging.relative_tolerance = entry.number("tolerance", 0, 0.1);
  judging.error_field = entry.optional_text("error").value_or("");
  judging.groups.clear();
  if (entry.has("groups")) read_groups(entry.table("groups"), judging);
  try {
    reward::RewardConfig{.extraction = judging.extraction}.check();
  } catch (const Error&) {
    entry.refuse("extraction", "rules that the verifier knows");
  }
  return recipe;
}

}  // namespace

fs::path recipes_file() {
  return share_folder() / "benchmarks.toml";
}

std::vector<Recipe> read_recipes(const fs::path& file) {
  std::vector<Recipe> recipes;
  text::read_toml_entries(file, "benchmark", [&](const std::string& name, const TomlEntry& entry) {
    recipes.push_back(recipe_of(entry, name));
  });
  return recipes;
}

Recipe find_recipe(const std::vector<Recipe>& recipes, const std::string& name) {
  std::error_code ignored;
  if (!fs::is_regular_file(name, ignored)) {
    const auto found = std::ranges::find_if(recipes, [&](const Recipe& recipe) {
      return recipe.name == name || recipe.problems == name;
    });
    if (found != recipes.end()) return *found;
  }
  return {.name = fs::path(name).stem().string(), .problems = name};
}

text::Fields groups_of(const Judging& judging,
                       const std::string& problem_id,
                       const text::Fields& fields) {
  json row = fields;
  row["id"] = problem_id;
  text::Fields groups;
  for (const auto& [name, pattern] : judging.groups) {
    const text::FieldPattern parsed(pattern, name);
    if (!parsed.is_covered_by(row)) continue;
    groups[name] = parsed.fill(row, {.where = "problem '" + problem_id + "'"});
  }
  return groups;
}

json to_json(const Judging& judging) {
  return {{"extraction", judging.extraction},
          {"relative_tolerance", judging.relative_tolerance},
          {"error_field", judging.error_field},
          {"groups", judging.groups}};
}

Judging judging_of(const json& value, const std::string& where) {
  Judging judging{.extraction = field_of<std::vector<std::string>>(value, "extraction", where),
                  .relative_tolerance = field_of<double>(value, "relative_tolerance", where),
                  .error_field = field_of<std::string>(value, "error_field", where)};
  judging.groups.clear();
  const json groups = value.value("groups", json::object());
  for (const auto& [name, pattern] : groups.items()) {
    judging.groups[name] = field_of<std::string>(groups, name, where);
  }
  return judging;
}

}  // namespace stratagram::eval
