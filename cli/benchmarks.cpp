#include "cli/benchmarks.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cli/sampling_options.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/log.h"
#include "core/version.h"
#include "eval/verifier.h"
#include "text/problem_sets.h"
#include "text/problems.h"

namespace stratagram::cli {
namespace {

template <typename T>
void override_(T& value, const std::optional<T>& wanted) {
  if (wanted) value = *wanted;
}

}  // namespace

std::vector<Benchmark> read_benchmarks(const std::vector<std::string>& names, int64_t limit) {
  const std::vector<eval::Recipe> recipes = eval::read_recipes(eval::recipes_file());
  std::vector<Benchmark> all;
  for (const std::string& name : names) {
    Benchmark benchmark{.given = name, .recipe = eval::find_recipe(recipes, name), .path = {}};
    benchmark.path = text::find_problem_set(benchmark.recipe.problems);
    text::ProblemSet set = text::read_problems(benchmark.path, {.skip_blank_answers = true});
    if (set.num_skipped > 0) {
      spdlog::warn("{}: {} problems have no answer and are left out",
                   benchmark.path.string(),
                   set.num_skipped);
    }
    benchmark.problems = std::move(set.problems);
    benchmark.fields = std::move(set.fields);
    if (limit > 0 && limit < static_cast<int64_t>(benchmark.problems.size())) {
      benchmark.problems.resize(static_cast<size_t>(limit));
    }
    // A field that cannot be read shows now and not after hours of sampling.
    const eval::Verifier verifier(benchmark.recipe.judging);
    for (const Problem& problem : benchmark.problems) {
      const text::Fields& fields = benchmark.fields[problem.id];
      (void)verifier.judge(problem, fields, "", Finish::kStop);
      (void)eval::groups_of(benchmark.recipe.judging, problem.id, fields);
    }
    all.push_back(std::move(benchmark));
  }
  return all;
}

void check_names(const std::vector<Benchmark>& benchmarks) {
  std::set<std::string> names;
  for (const Benchmark& benchmark : benchmarks) {
    if (names.insert(benchmark.recipe.name).second) continue;
    fail(ErrorKind::kConfig,
         "benchmarks: two problem sets are called '{}', and results go to NAME.json; evaluate them "
         "into folders of their own",
         benchmark.recipe.name);
  }
}

eval::EvalOptions options_for(const Benchmark& benchmark,
                              const RecipeOverrides& overrides,
                              const rollout::EngineConfig& engine,
                              uint64_t seed) {
  const eval::Recipe& recipe = benchmark.recipe;
  eval::EvalOptions options{
      .num_samples = recipe.num_samples,
      .seed = seed,
      .prompt = overrides.prompt ? *overrides.prompt : text::find_template(recipe.prompt),
      .sampling = recipe.sampling,
      .engine = engine,
      .judging = recipe.judging,
      .fields = benchmark.fields};
  rollout::SamplingConfig& sampling = options.sampling;
  sampling.stop = options.prompt.stop;
  override_(options.num_samples, overrides.num_samples);
  override_(sampling.temperature, overrides.temperature);
  override_(sampling.top_p, overrides.top_p);
  override_(sampling.top_k, overrides.top_k);
  override_(sampling.min_p, overrides.min_p);
  override_(sampling.max_new_tokens, overrides.max_new_tokens);
  override_(sampling.stop, overrides.stop);
  return options;
}

nlohmann::json conditions_of(const Benchmark& benchmark, const eval::EvalOptions& options) {
  nlohmann::json conditions = sampling_conditions(options.sampling, options.engine, options.seed);
  conditions["num_samples"] = options.num_samples;
  conditions["template"] = text::to_json(options.prompt);
  conditions["judging"] = eval::to_json(options.judging);
  conditions["verifier"] = eval::Verifier(options.judging).identity();
  conditions["problems_digest"] = sha256_file(benchmark.path);
  conditions["num_problems"] = benchmark.problems.size();
  conditions["version"] = version();
  // One number for whoever wants to know whether two results are of one recipe.
  conditions["recipe_digest"] = sha256(nlohmann::json{conditions["num_samples"],
                                                      conditions["template"],
                                                      conditions["judging"],
                                                      conditions["sampling"]}
                                           .dump());
  return conditions;
}

}  // namespace stratagram::cli
