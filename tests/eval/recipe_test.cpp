#include "eval/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/expect_error.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"
#include "text/problems.h"
#include "text/prompt_template.h"
#include "text/registry.h"

namespace stratagram::eval {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

const std::filesystem::path kShipped = std::filesystem::path(STRATAGRAM_SOURCE_DIR) / "data";

std::vector<Recipe> shipped() {
  return read_recipes(kShipped / "benchmarks.toml");
}

constexpr const char* kRecipe = R"([small]
title = "Small"
problems = "small_set"
template = "plain"
samples = 4
temperature = 0.6
top_p = 0.95
max_new_tokens = 64
extraction = ["boxed"]
tolerance = 1e-6
)";

TEST(Recipes, SampleAsThePaperDoes) {
  std::map<std::string, int64_t> samples;
  for (const Recipe& recipe : shipped()) {
    samples[recipe.name] = recipe.num_samples;
    EXPECT_EQ(recipe.sampling.temperature, 0.6) << recipe.name;
    EXPECT_EQ(recipe.sampling.top_p, 0.95) << recipe.name;
  }

  EXPECT_EQ(samples.at("aime24"), 32);
  EXPECT_EQ(samples.at("aime25"), 32);
  EXPECT_EQ(samples.at("amc23"), 4);
  for (const char* name : {"math500", "minerva", "olympiadbench", "gsm8k", "gaokao2023en"}) {
    EXPECT_EQ(samples.at(name), 1) << name;
  }
}

TEST(Recipes, NameTemplatesAndProblemSetsThatThereAre) {
  std::vector<std::string> templates;
  for (const auto& prompt : text::read_templates(kShipped / "templates.toml")) {
    templates.push_back(prompt.name);
  }
  std::vector<std::string> sets;
  for (const auto& set : text::read_registry(kShipped / "registry.toml")) sets.push_back(set.name);

  for (const Recipe& recipe : shipped()) {
    EXPECT_THAT(templates, Contains(recipe.prompt)) << recipe.name;
    EXPECT_THAT(sets, Contains(recipe.problems)) << recipe.name;
  }
}

TEST(Recipes, ReadEveryProblemOfTheirSetsAndTheGroupsItIsIn) {
  const auto folder = shared_data("benchmarks");
  if (!folder) GTEST_SKIP() << "the problem sets are not here (STRATAGRAM_SHARED_DATA)";
  std::map<std::string, std::map<std::string, std::map<std::string, int64_t>>> counts;
  for (const Recipe& recipe : shipped()) {
    const auto set =
        text::read_problems(*folder / (recipe.problems + ".jsonl"), {.skip_blank_answers = true});
    for (const Problem& problem : set.problems) {
      for (const auto& [group, value] :
           groups_of(recipe.judging, problem.id, set.fields.at(problem.id))) {
        ++counts[recipe.name][group][value];
      }
    }
  }

  EXPECT_THAT(
      counts["math500"]["level"],
      ElementsAre(Pair("1", 43), Pair("2", 90), Pair("3", 105), Pair("4", 128), Pair("5", 134)));
  EXPECT_EQ(counts["math500"]["subject"].size(), 7);
  EXPECT_THAT(counts["olymmath"]["level"], ElementsAre(Pair("EASY", 100), Pair("HARD", 100)));
  EXPECT_THAT(counts["olympiadbench"]["subject"], Contains(Pair("Geometry", 129)));
  EXPECT_EQ(counts["minerva"]["course"].size(), 9);
  EXPECT_EQ(counts["aime24"].size(), 0);
}

TEST(FindRecipe, TakesTheRecipeOfThatNameOrOfThatProblemSet) {
  EXPECT_EQ(find_recipe(shipped(), "minerva").problems, "minerva_math");
  EXPECT_EQ(find_recipe(shipped(), "minerva_math").name, "minerva");
}

TEST(FindRecipe, GivesAFileTheDefaultsAndItsName) {
  const TempFolder folder;
  const std::string file = folder.write("aime24.jsonl", "{}").string();

  const Recipe recipe = find_recipe(shipped(), file);

  EXPECT_EQ(recipe.name, "aime24");
  EXPECT_EQ(recipe.problems, file);
  EXPECT_EQ(recipe.prompt, "plain");
  EXPECT_EQ(recipe.num_samples, 1);
}

TEST(ReadRecipes, NamesFileLineAndKeyOfAFault) {
  const TempFolder folder;
  const auto expect = [&](const std::string& from, const std::string& to, const char* message) {
    std::string text = kRecipe;
    text.replace(text.find(from), from.size(), to);
    const auto file = folder.write("recipes.toml", text);
    expect_error([&] { (void)read_recipes(file); }, ErrorKind::kConfig, message);
  };

  expect("samples = 4", "samples = 0", "recipes.toml:5: benchmark 'small': key 'samples': wanted");
  expect("top_p = 0.95", "top_p = 1.5", ":7: benchmark 'small': key 'top_p': wanted a number from");
  expect("extraction = [\"boxed\"]", "extraction = [\"box\"]", ":9: benchmark 'small': key");
  expect("template", "tempalte", "key 'tempalte' is unknown; did you mean 'template'?");
  expect("tolerance = 1e-6",
         "tolerance = 1e-6\ngroups.level = '{level'",
         "key 'level': pattern '{level': a brace without its partner");
}

TEST(Judging, IsReadBackAsItWasWritten) {
  for (const Recipe& recipe : shipped()) {
    const nlohmann::json written = to_json(recipe.judging);
    EXPECT_EQ(to_json(judging_of(nlohmann::json::parse(written.dump()), "here")), written);
  }
  expect_error([] { (void)judging_of({{"extraction", "boxed"}}, "here"); },
               ErrorKind::kData,
               "here: field 'extraction'");
}

}  // namespace
}  // namespace stratagram::eval
