#include "cli/analyze_options.h"

#include <cstdint>

#include "cli/scoring.h"

namespace stratagram::cli {
namespace {

void add_choices(CLI::App& command, AnalyzeOptions& options) {
  analysis::AnalysisConfig& config = options.config;
  command.add_option("--catalogue", options.catalogue, "a file, or the name of one of ours")
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option("--by",
                  options.by,
                  "step, source, file or none (default: step where the first row has one, else "
                  "source)")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"step", "source", "file", "none"}));
  command.add_option("--compare", options.compare, "two sources, paired by the problems of both")
      ->type_name("SOURCE")
      ->expected(2);
  command.add_option("--nulls", config.nulls, "catalogues of random grams to measure beside it")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--bootstrap",
                  config.bootstrap,
                  "draws over problems for each interval, and permutations; 0: none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--seed", config.seed, "keys every draw")->capture_default_str();
  command.add_option("--json", options.json, "write every figure here")->type_name("FILE");
  command.add_option("--csv", options.csv, "the same as a table, a line a figure")
      ->type_name("FILE");
}

void add_measure_options(CLI::App& command, analysis::AnalysisConfig& config) {
  const auto add = [&](const char* name, auto& target, const char* meaning) {
    return command.add_option(name, target, meaning)->group("measures")->capture_default_str();
  };
  add("--rarefied-draws", config.rarefied_draws, "occurrences that entropies are rarefied to")
      ->check(CLI::Range(int64_t{2}, int64_t{1} << 20));
  add("--follower-words", config.follower_words, "words after a gram of the conditional entropy")
      ->check(CLI::Range(1, 16));
  add("--fork-share", config.fork_share, "share of the tokens, of the highest entropy: the forks")
      ->check(CLI::Range(1e-6, 1.0));
  add("--hold-share", config.hold_share, "share of a step's responses from which on a gram holds")
      ->check(CLI::Range(1e-6, 1.0));
  add("--hold-steps", config.hold_steps, "steps in a row that it must hold")
      ->check(CLI::Range(1, 1 << 20));
}

// Without a model only rows that carry log-probabilities have measures of tokens.
void add_model_options(CLI::App& command, AnalyzeOptions& options) {
  options.model.add_to(command);
  command.get_option("--model")->required(false);
  add_score_options(command, options.score);
}

}  // namespace

void add_analyze_options(CLI::App& command, AnalyzeOptions& target) {
  add_solution_options(command, target.solutions);
  add_choices(command, target);
  add_measure_options(command, target.config);
  add_model_options(command, target);
}

}  // namespace stratagram::cli
