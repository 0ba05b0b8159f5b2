// stratagram config: every key of a run, every name of its metrics.
#include "core/config.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/help.h"
#include "metrics/step_record.h"
#include "train/run_config.h"
#include "train/sft_config.h"

namespace stratagram::cli {
namespace {

template <typename Config>
void print_keys() {
  Config config;
  ConfigFields fields;
  config.describe(fields);
  std::cout << fields.help();
}

void print_metrics() {
  std::cout << fmt::format("{:<30}{:<10}{}\n", "step", "1", "number of the step, from 0");
  for (const metrics::ScalarDoc& scalar : metrics::known_scalars()) {
    std::cout << fmt::format("{:<30}{:<10}{}\n", scalar.name, scalar.unit, scalar.meaning);
  }
}

}  // namespace

void add_config(CLI::App& app) {
  auto of = std::make_shared<std::string>("train");
  CLI::App* command =
      app.add_subcommand("config", "every key of a run: default, unit, range, meaning");
  command->group("Train");
  command->add_option("COMMAND", *of, "whose configuration file: train or sft")
      ->check(CLI::IsMember({"train", "sft"}))
      ->capture_default_str();
  command->footer(
      footer_of("", {.examples = {"stratagram config sft", "stratagram config --metrics"}}));
  auto metrics = std::make_shared<bool>(false);
  command->add_flag(
      "--metrics", *metrics, "instead, every name in metrics.jsonl with unit and meaning");
  command->callback([of, metrics] {
    if (*metrics) {
      print_metrics();
    } else if (*of == "sft") {
      print_keys<train::SftConfig>();
    } else {
      print_keys<train::RunConfig>();
    }
  });
}

}  // namespace stratagram::cli
