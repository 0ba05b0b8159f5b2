// stratagram eval: how often a policy solves the problems of a set.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/eval_rescore.h"
#include "cli/eval_results.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/sampling_options.h"
#include "core/error.h"
#include "core/log.h"
#include "core/version.h"
#include "eval/evaluate.h"
#include "eval/result_files.h"
#include "eval/summary.h"
#include "eval/verifier.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct Options {
  ModelOption model;
  std::vector<std::string> benchmarks;
  std::string out;
  std::string rescore;
  std::string prompt_name;
  text::PromptTemplate own{.name = "own", .source = "the command line"};
  int64_t limit = 0;
  // What the command line says; only what was given counts.
  int64_t num_samples = 1;
  uint64_t seed = 0;
  rollout::SamplingConfig sampling{};
  rollout::EngineConfig engine{};
};

RecipeOverrides overrides_of(const Options& options, const CLI::App& command) {
  const auto given = [&](const char* name) { return command.count(name) > 0; };
  RecipeOverrides overrides;
  if (given("--template")) overrides.prompt = text::find_template(options.prompt_name);
  if (given("--prompt-template") || given("--system")) overrides.prompt = options.own;
  const auto take = [&](const char* name, auto& target, const auto& value) {
    if (given(name)) target = value;
  };
  take("--samples", overrides.num_samples, options.num_samples);
  take("--temperature", overrides.temperature, options.sampling.temperature);
  take("--top-p", overrides.top_p, options.sampling.top_p);
  take("--top-k", overrides.top_k, options.sampling.top_k);
  take("--min-p", overrides.min_p, options.sampling.min_p);
  take("--max-new-tokens", overrides.max_new_tokens, options.sampling.max_new_tokens);
  take("--stop", overrides.stop, options.sampling.stop);
  return overrides;
}

void sample(const rollout::Policy& policy,
            const Benchmark& benchmark,
            const eval::EvalOptions& options,
            SampleRows& rows,
            const std::string& go_on) {
  log_taken_up(rows);
  Progress progress("responses");
  eval::evaluate(policy,
                 benchmark.problems,
                 options,
                 rows,
                 {.on_plan = [](const std::string& plan) { spdlog::info("memory: {}", plan); },
                  .on_progress =
                      [&](int64_t tokens, int64_t responses) {
                        progress.update(
                            responses, rows.num_wanted(), fmt::format("{} tokens", tokens));
                      },
                  .go_on = go_on});
  progress.finish();
}

eval::Summary summarise(const SampleRows& rows, const eval::EvalOptions& options) {
  const eval::Verifier verifier(options.judging);
  return eval::summarise(rows, options.seed, [&](const std::string& a, const std::string& b) {
    return verifier.same_answer(a, b);
  });
}

void run(const Options& options, const RecipeOverrides& overrides) {
  const std::vector<Benchmark> benchmarks = read_benchmarks(options.benchmarks, options.limit);
  std::vector<eval::EvalOptions> how;
  for (const Benchmark& benchmark : benchmarks) {
    how.push_back(options_for(benchmark, overrides, options.engine, options.seed));
  }
  const EvalResults results(options.out, benchmarks);
  const rollout::Policy policy = options.model.load();
  const json of_model = options.out.empty() ? json::object() : options.model.conditions(policy);
  std::vector<json> conditions;
  std::vector<SampleRows> rows;
  for (size_t i = 0; i < benchmarks.size(); ++i) {
    conditions.push_back(conditions_of(benchmarks[i], how[i]));
    conditions.back().update(of_model);
    rows.push_back(results.open(benchmarks[i], how[i].num_samples, conditions.back()));
  }
  std::vector<std::pair<std::string, eval::Summary>> summaries;
  for (size_t i = 0; i < benchmarks.size(); ++i) {
    sample(policy, benchmarks[i], how[i], rows[i], way_to_go_on(benchmarks, i));
    const eval::Summary summary = summarise(rows[i], how[i]);
    json result = eval::result_of(conditions[i], summary, how[i].judging);
    result["benchmark"] = benchmarks[i].recipe.name;
    result["position"] = i;
    result["model"] = options.model.model;
    result["commit"] = git_commit();
    results.write(benchmarks[i], rows[i], result);
    std::cout << eval::result_text(result, summary) << std::flush;
    summaries.emplace_back(benchmarks[i].recipe.name, summary);
  }
  if (summaries.size() > 1) std::cout << "\n" << eval::overview(summaries) << std::flush;
}

void add_prompt_options(CLI::App& command, Options& options) {
  auto* name = command.add_option("--template",
                                  options.prompt_name,
                                  "ask every problem by this template of data/templates.toml; "
                                  "default: the recipe's");
  name->type_name("NAME");
  command
      .add_option("--prompt-template",
                  options.own.user,
                  "a user message of your own instead; {problem} stands for the problem's text, "
                  "{numbers} and {target} for those of a Countdown puzzle")
      ->capture_default_str()
      ->excludes(name);
  command.add_option("--system", options.own.system, "system message that goes with it")
      ->excludes(name);
}

// Their defaults are those of each recipe, so none is a value.
void add_recipe_options(CLI::App& command, Options& options) {
  add_sampling_options(command,
                       {.sampling = options.sampling,
                        .engine = options.engine,
                        .num_samples = options.num_samples,
                        .seed = options.seed});
  for (const char* flag :
       {"--samples", "--temperature", "--top-p", "--top-k", "--min-p", "--max-new-tokens"}) {
    command.get_option(flag)->default_str("the recipe's");
  }
}

void check(const Options& options, const CLI::App& command) {
  if (options.rescore.empty()) {
    if (options.model.model.empty() || options.benchmarks.empty()) {
      fail(ErrorKind::kConfig,
           "wanted --model M and --benchmarks SET[,SET], or --rescore DIR with the samples of an "
           "earlier evaluation");
    }
    return;
  }
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || name == "--rescore" || name == "--out") continue;
    fail(ErrorKind::kConfig,
         "{} has no effect beside --rescore, which judges the samples that are there",
         name);
  }
}

}  // namespace

void add_eval(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("eval", "pass@k of a policy on benchmarks, with intervals");
  command->group("Measure");
  options->model.add_to(*command);
  command->get_option("--model")->required(false);
  command
      ->add_option("--benchmarks",
                   options->benchmarks,
                   "recipes of data/benchmarks.toml (aime24, aime25, amc23, math500, minerva, "
                   "olympiadbench, ...) or problem sets, by file or by name, separated by commas")
      ->type_name("SET[,SET]")
      ->delimiter(',')
      ->take_all()
      ->expected(1);
  add_prompt_options(*command, *options);
  add_recipe_options(*command, *options);
  command->add_option("--limit", options->limit, "only the first problems of each set; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option(
          "--out",
          options->out,
          "folder for NAME.json and NAME.samples.jsonl of each set, made if absent; a stopped "
          "evaluation goes on there, results are never written over")
      ->type_name("DIR");
  command
      ->add_option("--rescore",
                   options->rescore,
                   "judge the samples of this folder anew, without a model; with --out the new "
                   "results go to another folder, the old ones stay in any case")
      ->type_name("DIR");
  command->footer(footer_of(
      "prints   accuracy, pass@k and maj@k with intervals; samples of one problem count as one\n"
      "         value, so that errors and intervals are those of a mean over problems\n"
      "writes   DIR/NAME.json  DIR/NAME.samples.jsonl, with --out",
      {.examples =
           {"stratagram eval --model data/models/lab --benchmarks puzzles.jsonl --samples 8"},
       .first = {"stratagram data make countdown --out puzzles.jsonl --count 20"}}));
  command->callback([options, command] {
    check(*options, *command);
    if (options->rescore.empty()) {
      run(*options, overrides_of(*options, *command));
    } else {
      rescore_folder(options->rescore, options->out);
    }
  });
}

}  // namespace stratagram::cli
