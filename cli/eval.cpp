// stratagram eval: how often a policy solves the problems of a set.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <system_error>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/sampling_options.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "core/version.h"
#include "eval/evaluate.h"
#include "eval/summary.h"
#include "text/problem_sets.h"
#include "text/problems.h"

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

struct Benchmark {
  std::string name;
  std::filesystem::path path;
  std::vector<Problem> problems{};
};

// Everything is read before the model is loaded, so that a bad file costs no time.
std::vector<Benchmark> read_all(const Options& options) {
  std::vector<Benchmark> all;
  for (const std::string& name : options.benchmarks) {
    Benchmark benchmark{.name = std::filesystem::path(name).stem().string(),
                        .path = text::find_problem_set(name)};
    text::ProblemSet set = text::read_problems(benchmark.path, {.skip_blank_answers = true});
    if (set.num_skipped > 0) {
      spdlog::warn("{}: {} problems have no answer and are left out",
                   benchmark.path.string(),
                   set.num_skipped);
    }
    benchmark.problems = std::move(set.problems);
    if (options.limit > 0 && options.limit < static_cast<int64_t>(benchmark.problems.size())) {
      benchmark.problems.resize(static_cast<size_t>(options.limit));
    }
    all.push_back(std::move(benchmark));
  }
  return all;
}

// Makes the folder and refuses to write over results, before the long work.
void check_results_are_new(const Options& options, std::span<const Benchmark> benchmarks) {
  std::set<std::string> names;
  for (const Benchmark& benchmark : benchmarks) {
    if (!names.insert(benchmark.name).second) {
      fail(ErrorKind::kConfig,
           "--benchmarks: two problem sets are called '{}', and results go to NAME.json; evaluate "
           "them into folders of their own",
           benchmark.name);
    }
    for (const char* ending : {".json", ".samples.jsonl"}) {
      const std::filesystem::path file =
          std::filesystem::path(options.out) / (benchmark.name + ending);
      if (!std::filesystem::exists(file)) continue;
      fail(ErrorKind::kConfig,
           "{}: is there already; remove it or choose another --out",
           file.string());
    }
  }
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) fail(ErrorKind::kDevice, "{}: cannot be made: {}", options.out, error.message());
}

void write_results(const Options& options,
                   const Benchmark& benchmark,
                   std::span<const Group> groups,
                   const eval::Summary& summary) {
  const std::filesystem::path folder = options.out;
  write_file_atomically(folder / (benchmark.name + ".samples.jsonl"), [&](std::ostream& out) {
    for (const Group& group : groups) {
      for (const Trajectory& trajectory : group.trajectories) {
        out << to_json_line(eval::sample_row(group, trajectory)) << "\n";
      }
    }
  });
  json result = eval::to_json(summary);
  result["benchmark"] = benchmark.name;
  result["problems_digest"] = sha256_file(benchmark.path);
  result["model"] = options.model.model;
  result["seed"] = options.eval.seed;
  result["prompt"] = options.eval.prompt;
  result["system"] = options.eval.system;
  result["sampling"] = {{"temperature", options.eval.sampling.temperature},
                        {"top_p", options.eval.sampling.top_p},
                        {"top_k", options.eval.sampling.top_k},
                        {"min_p", options.eval.sampling.min_p},
                        {"stop", options.eval.sampling.stop},
                        {"max_new_tokens", options.eval.sampling.max_new_tokens}};
  result["version"] = version();
  write_file_atomically(folder / (benchmark.name + ".json"), result.dump(1) + "\n");
}

void run(const Options& options) {
  const std::vector<Benchmark> benchmarks = read_all(options);
  if (!options.out.empty()) check_results_are_new(options, benchmarks);
  const rollout::Policy policy = options.model.load();
  for (const Benchmark& benchmark : benchmarks) {
    const int64_t total =
        static_cast<int64_t>(benchmark.problems.size()) * options.eval.num_samples;
    Progress progress("responses");
    const std::vector<Group> groups = eval::evaluate(
        policy,
        benchmark.problems,
        options.eval,
        {.on_plan = [](const std::string& plan) { spdlog::info("memory: {}", plan); },
         .on_progress =
             [&](int64_t tokens, int64_t responses) {
               progress.update(responses, total, fmt::format("{} tokens", tokens));
             }});
    progress.finish();
    const eval::Summary summary = eval::summarise(groups, options.eval.seed);
    if (!options.out.empty()) write_results(options, benchmark, groups, summary);
    std::cout << eval::to_text(summary, benchmark.name) << std::flush;
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
          "folder for NAME.json and NAME.samples.jsonl of each set, made if absent; results "
          "are never written over")
      ->type_name("DIR");
  command->footer(footer_of(
      "prints   accuracy and pass@k with intervals; samples of one problem count as one value, so\n"
      "         that errors and intervals are those of a mean over problems\n"
      "writes   DIR/NAME.json  DIR/NAME.samples.jsonl, with --out",
      {"stratagram eval --model data/models/lab --benchmarks puzzles.jsonl --samples 8"}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
