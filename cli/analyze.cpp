// stratagram analyze: the measurements of responses, whoever's program wrote them.
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "analysis/analyse.h"
#include "analysis/output.h"
#include "cli/analyze_options.h"
#include "cli/analyze_tokens.h"
#include "cli/commands.h"
#include "cli/grams.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "core/file.h"
#include "core/log.h"

namespace stratagram::cli {
namespace {

using analysis::GroupBy;

// What was asked for; else by step where the first row has one, and by source.
GroupBy group_by(const AnalyzeOptions& options) {
  static const std::map<std::string, GroupBy> names{{"step", GroupBy::kStep},
                                                    {"source", GroupBy::kSource},
                                                    {"file", GroupBy::kFile},
                                                    {"none", GroupBy::kNone}};
  if (!options.by.empty()) return names.at(options.by);
  text::SolutionReader reader(options.solutions.paths, options.solutions.options);
  const auto first = reader.next();
  return first && first->step ? GroupBy::kStep : GroupBy::kSource;
}

void run(const AnalyzeOptions& options) {
  for (const std::string& file : {options.json, options.csv}) {
    if (!file.empty()) check_can_create(file);
  }
  analysis::AnalysisConfig config = options.config;
  config.by = group_by(options);
  if (!options.compare.empty()) config.compare = {options.compare[0], options.compare[1]};
  analysis::AnalysisInput input{.paths = options.solutions.paths,
                                .reading = options.solutions.options,
                                .catalogue = load_catalogue(options.catalogue)};
  input.reading.tokens = true;
  std::optional<rollout::Policy> policy;
  if (!options.model.model.empty()) {
    policy = options.model.load();
    input.complete = complete_by_model(*policy, options.score);
  } else {
    input.complete = complete_by_runs();
    warn_of_other_catalogues(input.paths, input.catalogue);
  }
  const auto start = std::chrono::steady_clock::now();
  Progress progress("read");
  const analysis::Analysis found = analysis::analyse(
      input, config, [&](int64_t done) { progress.update(done, 0, "responses"); });
  progress.finish();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  spdlog::info("{:.1f} MB of responses in {:.1f} s",
               static_cast<double>(found.num_bytes) / 1e6,
               seconds.count());
  if (!options.json.empty()) {
    write_file_atomically(options.json,
                          analysis::to_json(found, input.catalogue, config).dump(1) + "\n");
  }
  if (!options.csv.empty()) write_file_atomically(options.csv, analysis::to_csv(found));
  std::cout << analysis::to_text(found);
}

}  // namespace

void add_analyze(CLI::App& app) {
  auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command =
      app.add_subcommand("analyze", "the measurements of responses, whoever's program wrote them");
  command->group("Measure");
  add_analyze_options(*command, *options);
  command->footer(footer_of(
      "prints   a table a group: value, 95 % interval over problems, and what random grams give",
      {.examples = {"stratagram analyze rows.jsonl --nulls 2 --bootstrap 100"},
       .first = {"stratagram generate --model data/models/lab --prompt 'Make 24 of 3, 8, 4.' "
                 "--out rows.jsonl"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
