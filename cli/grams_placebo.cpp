// stratagram grams placebo: the control of a rule on strategic grams.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/grams.h"
#include "cli/help.h"
#include "cli/solution_options.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "grams/matcher.h"
#include "grams/placebo.h"

namespace stratagram::cli {
namespace {

struct PlaceboOptions {
  std::string catalogue = "paper-v3";
  SolutionArguments solutions;
  std::string out;
  uint64_t seed = 0;
};

void placebo(const PlaceboOptions& options) {
  check_can_create(options.out);
  std::vector<std::string> texts;
  text::SolutionReader reader(options.solutions.paths, options.solutions.options);
  for (auto solution = reader.next(); solution; solution = reader.next()) {
    throw_if_interrupted("stopped; nothing was written, so run the command again");
    texts.push_back(std::move(solution->response));
  }
  const grams::Placebo made =
      grams::make_placebo(grams::Matcher(load_catalogue(options.catalogue)), texts, options.seed);
  made.catalogue.save(options.out);
  spdlog::info("{}: partners of the {} grams that occur in {} texts; {} occurrences for {}",
               options.out,
               made.num_matched,
               texts.size(),
               made.placebo_count,
               made.original_count);
}

}  // namespace

void add_grams_placebo(CLI::App& grams) {
  auto options = std::make_shared<PlaceboOptions>();
  CLI::App* command = grams.add_subcommand(
      "placebo", "random grams matched to a catalogue in number, length and count");
  add_solution_options(*command, options->solutions);
  command
      ->add_option(
          "--out", options->out, "catalogue to write; one that is there is never written over")
      ->type_name("FILE")
      ->required();
  command->add_option("--catalogue", options->catalogue, "a file, or the name of one of ours")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "keys the choice")->capture_default_str();
  command->footer(footer_of(
      "The control of a rule on strategic grams: train with credit.rule=placebo and\n"
      "credit.placebo_catalogue=FILE.",
      {.examples =
           {"stratagram grams placebo runs/demo/grpo/rollouts/000000.jsonl --out placebo.json"},
       .first = {"scripts/demo.sh"}}));
  command->callback([options] { placebo(*options); });
}

}  // namespace stratagram::cli
