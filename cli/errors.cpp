// stratagram errors: why responses failed, as a judge sees it.
#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/errors_manual.h"
#include "cli/help.h"
#include "cli/judge_options.h"
#include "cli/solution_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "judge/error_report.h"
#include "judge/error_survey.h"
#include "judge/failures.h"

namespace stratagram::cli {
namespace {

struct ErrorsOptions {
  SolutionArguments solutions;
  judge::FailureOptions failures;
  std::string out;
  int64_t max_response_bytes = 24'000;
  JudgeArguments judge;
  ManualOptions manual;
};

judge::Failures sample(const ErrorsOptions& options) {
  text::SolutionReader reader(options.solutions.paths, options.solutions.options);
  judge::FailureOptions sampling = options.failures;
  sampling.seed = options.judge.survey.seed;
  judge::Failures failures = judge::sample_failures(reader, sampling);
  if (failures.num_unknown > 0) {
    spdlog::warn("{} responses do not say whether they are correct; they were left out",
                 failures.num_unknown);
  }
  return failures;
}

void write(const ErrorsOptions& options,
           const judge::Failures& failures,
           const judge::SurveyResult& result,
           nlohmann::json settings) {
  settings["per_step"] = options.failures.per_step;
  settings["steps_together"] = options.failures.steps_together;
  settings["seed"] = options.judge.survey.seed;
  write_file_atomically(options.out,
                        judge::error_report(failures, result, settings).dump(2) + "\n");
  std::cout << judge::error_table(failures, result);
}

void ask(const ErrorsOptions& options, const judge::Failures& failures) {
  const auto [survey, num_shortened] = judge::error_survey(
      judge::sampled(failures), static_cast<size_t>(options.max_response_bytes));
  if (num_shortened > 0) {
    spdlog::warn("the judge sees beginning and end of {} responses longer than {} bytes",
                 num_shortened,
                 options.max_response_bytes);
  }
  const auto result = ask_judge(options.judge, survey, options.out);
  if (!result) return;
  nlohmann::json settings = settings_of(options.judge, survey);
  settings["max_response_bytes"] = options.max_response_bytes;
  write(options, failures, *result, settings);
}

void errors(const ErrorsOptions& options) {
  const bool is_manual = !options.manual.log.empty();
  if (!options.out.empty()) {
    check_can_create(options.out);
  } else if (!is_manual) {
    fail(ErrorKind::kConfig, "--out is missing: name the file that is to hold the result");
  }
  const judge::Failures failures = sample(options);
  if (!is_manual) {
    ask(options, failures);
  } else if (options.out.empty()) {
    answer_by_hand(failures, options.manual);
  } else {
    write(options,
          failures,
          answers_by_hand(failures, options.manual),
          {{"manual", options.manual.log}});
  }
}

void add_manual_options(CLI::App& command, ManualOptions& options) {
  constexpr const char* kGroup = "a person instead";
  CLI::Option* manual =
      command
          .add_option("--manual",
                      options.log,
                      "open a page to answer on, and keep each answer here; with --out: write what "
                      "stands here")
          ->group(kGroup)
          ->type_name("LOG");
  for (const char* of_judge : {"--judge", "--model", "--record", "--replay", "--dry-run"}) {
    manual->excludes(command.get_option(of_judge));
  }
  command.add_option("--reviewer", options.reviewer, "who answers")
      ->group(kGroup)
      ->type_name("NAME")
      ->needs(manual);
  command.add_option("--port", options.address.port, "of the page; 0 takes a free one")
      ->group(kGroup)
      ->check(CLI::Range(0, 65535))
      ->capture_default_str()
      ->needs(manual);
}

}  // namespace

void add_errors(CLI::App& app) {
  auto options = std::make_shared<ErrorsOptions>();
  CLI::App* command = app.add_subcommand("errors", "classify failed responses with a judge");
  command->group("Measure");
  add_solution_options(*command, options->solutions);
  command->add_option("--out", options->out, "JSON to write; what is there is never written over")
      ->type_name("FILE");
  command
      ->add_option("--per-step",
                   options->failures.per_step,
                   "problems with a failure to draw at each step, one failure of each")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--steps-together",
                   options->failures.steps_together,
                   "steps taken as one: 0 to N-1, N to 2N-1, ...")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--max-response-bytes",
                   options->max_response_bytes,
                   "of a longer response the middle is left out")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  add_judge_options(*command, options->judge);
  add_manual_options(*command, options->manual);
  command->footer(footer_of(
      "prints   shares of the four classes by step with 95 % intervals, and agreement\n"
      "writes   FILE, and each exchange at once to the record, from which a stopped or spent\n"
      "         command (exit code 6) goes on and a repeated one is answered free of charge",
      {.examples = {"stratagram errors data/examples/failures.jsonl --model any --dry-run --out "
                    "errors.json"}}));
  command->callback([options] { errors(*options); });
}

}  // namespace stratagram::cli
