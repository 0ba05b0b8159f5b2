// stratagram config: every key of a training run.
#include "core/config.h"

#include <iostream>

#include "cli/commands.h"
#include "train/run_config.h"

namespace stratagram::cli {
namespace {

void run() {
  train::RunConfig config;
  ConfigFields fields;
  config.describe(fields);
  std::cout << fields.help();
}

}  // namespace

void add_config(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("config", "every key of a training run: default, unit, range, meaning");
  command->group("Train");
  command->callback([] { run(); });
}

}  // namespace stratagram::cli
