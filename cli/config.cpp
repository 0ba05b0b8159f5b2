// stratagram config: every key of a training run.
#include "core/config.h"

#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
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

}  // namespace

void add_config(CLI::App& app) {
  auto of = std::make_shared<std::string>("train");
  CLI::App* command =
      app.add_subcommand("config", "every key of a run: default, unit, range, meaning");
  command->group("Train");
  command->add_option("COMMAND", *of, "whose configuration file: train or sft")
      ->check(CLI::IsMember({"train", "sft"}))
      ->capture_default_str();
  command->footer("example  stratagram config sft");
  command->callback([of] {
    if (*of == "sft") {
      print_keys<train::SftConfig>();
    } else {
      print_keys<train::RunConfig>();
    }
  });
}

}  // namespace stratagram::cli
