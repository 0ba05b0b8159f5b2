// stratagram compare: evaluations of several policies on the same problems, in pairs.
#include "eval/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/help.h"
#include "core/error.h"
#include "core/log.h"
#include "eval/result_files.h"

namespace stratagram::cli {
namespace {

struct Options {
  std::vector<std::string> folders;
  uint64_t seed = 0;
  bool different = false;
};

void check_conditions(const eval::Scores& first, const eval::Scores& other, bool allowed) {
  const std::vector<std::string> names = eval::differing_conditions(first, other);
  if (names.empty()) return;
  const std::string sentence =
      fmt::format("{} and {} differ in {}", first.name, other.name, fmt::join(names, ", "));
  if (!allowed) {
    fail(ErrorKind::kConfig,
         "{}: such figures are not comparable; evaluate alike (`stratagram eval --rescore` for "
         "another "
         "verifier), or give --different",
         sentence);
  }
  spdlog::warn("{}: the figures are not comparable", sentence);
}

void run(const Options& options) {
  std::vector<std::string> names = eval::benchmarks_in(options.folders.front());
  for (const std::string& folder : options.folders) {
    const std::vector<std::string> others = eval::benchmarks_in(folder);
    std::erase_if(names, [&](const std::string& name) {
      return std::ranges::find(others, name) == others.end();
    });
  }
  if (names.empty()) {
    fail(ErrorKind::kData,
         "{}: no benchmark was evaluated in all of them",
         fmt::join(options.folders, ", "));
  }
  std::vector<eval::ComparedBenchmark> benchmarks;
  for (const std::string& name : names) {
    eval::ComparedBenchmark benchmark{.name = name, .all = {}};
    for (const std::string& folder : options.folders) {
      benchmark.all.push_back(eval::read_scores(folder, name));
      check_conditions(benchmark.all.front(), benchmark.all.back(), options.different);
    }
    benchmarks.push_back(std::move(benchmark));
  }
  std::cout << eval::comparison_table(benchmarks, options.seed) << std::flush;
}

}  // namespace

void add_compare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("compare", "paired differences between evaluations, with intervals");
  command->group("Measure");
  command
      ->add_option(
          "FOLDER", options->folders, "two folders or more that `stratagram eval --out` wrote")
      ->required()
      ->expected(2, 64);
  command->add_option("--seed", options->seed, "keys bootstrap and permutations")
      ->capture_default_str();
  command->add_flag(
      "--different",
      options->different,
      "compare although problems, template, sampling or verifier differ; the table says "
      "so");
  command->footer(footer_of(
      "reads    NAME.json and NAME.samples.jsonl of each set that was evaluated in every folder\n"
      "prints   pass@1 of each folder, then the difference of each two, paired by problem: 95 %\n"
      "         interval; p of a permutation test; Holm p, corrected over the benchmarks; the\n"
      "         smallest true difference that is found with 80 % power at 5 %",
      {.examples = {"stratagram compare runs/demo/eval-grpo runs/demo/eval-hicra"},
       .first = {"scripts/demo.sh"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
