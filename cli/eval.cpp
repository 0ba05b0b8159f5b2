// stratagram eval: how often a policy solves the problems of a set.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/eval_results.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/sampling_options.h"
#include "core/digest.h"
#include "core/log.h"
#include "core/version.h"
#include "eval/evaluate.h"
#include "eval/summary.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct Options {
  ModelOption model;
  std::vector<std::string> benchmarks;
  std::string out;
  int64_t limit = 0;
  eval::EvalOptions eval;
};

// What decides the samples of a set and their verdicts.
json conditions_of(const Options& options, const Benchmark& benchmark) {
  json conditions =
      sampling_conditions(options.eval.sampling, options.eval.engine, options.eval.seed);
  conditions["num_samples"] = options.eval.num_samples;
  conditions["prompt"] = options.eval.prompt;
  conditions["system"] = options.eval.system;
  conditions["problems_digest"] = sha256_file(benchmark.path);
  conditions["num_problems"] = benchmark.problems.size();
  conditions["version"] = version();
  return conditions;
}

eval::Summary evaluate(const rollout::Policy& policy,
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
  return eval::summarise(rows, options.seed);
}

void run(const Options& options) {
  // Everything is read before the model is loaded, so that a bad file costs no time.
  const std::vector<Benchmark> benchmarks = read_benchmarks(options.benchmarks, options.limit);
  const EvalResults results(options.out, benchmarks);
  const rollout::Policy policy = options.model.load();
  const json of_model = options.out.empty() ? json::object() : options.model.conditions(policy);
  std::vector<json> conditions;
  std::vector<SampleRows> rows;
  for (const Benchmark& benchmark : benchmarks) {
    conditions.push_back(conditions_of(options, benchmark));
    conditions.back().update(of_model);
    rows.push_back(results.open(benchmark, options.eval.num_samples, conditions.back()));
  }
  for (size_t i = 0; i < benchmarks.size(); ++i) {
    const eval::Summary summary =
        evaluate(policy, benchmarks[i], options.eval, rows[i], way_to_go_on(benchmarks, i));
    json result = eval::to_json(summary);
    result.update(conditions[i]);
    result["benchmark"] = benchmarks[i].name;
    result["model"] = options.model.model;
    result["commit"] = git_commit();
    results.write(benchmarks[i], rows[i], result);
    std::cout << eval::to_text(summary, benchmarks[i].name) << std::flush;
  }
}

}  // namespace

void add_eval(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("eval", "pass@k of a policy on problem sets, with intervals");
  command->group("Measure");
  options->model.add_to(*command);
  command
      ->add_option("--benchmarks",
                   options->benchmarks,
                   "problem sets, by file or by name, separated by commas")
      ->type_name("SET[,SET]")
      ->required()
      ->delimiter(',')
      ->take_all()
      ->expected(1);
  command
      ->add_option("--prompt-template",
                   options->eval.prompt,
                   "the user message; {problem} stands for the problem's text, {numbers} and "
                   "{target} for those of a Countdown puzzle")
      ->capture_default_str();
  command->add_option("--system", options->eval.system, "system message");
  add_sampling_options(*command,
                       {.sampling = options->eval.sampling,
                        .engine = options->eval.engine,
                        .num_samples = options->eval.num_samples,
                        .seed = options->eval.seed});
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
  command->footer(footer_of(
      "prints   accuracy and pass@k with intervals; samples of one problem count as one value, so\n"
      "         that errors and intervals are those of a mean over problems\n"
      "writes   DIR/NAME.json  DIR/NAME.samples.jsonl, with --out",
      {.examples =
           {"stratagram eval --model data/models/lab --benchmarks puzzles.jsonl --samples 8"},
       .first = {"stratagram data make countdown --out puzzles.jsonl --count 20"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
