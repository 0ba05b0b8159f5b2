// stratagram grams diff: what became of one catalogue in another.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/grams.h"
#include "cli/help.h"
#include "grams/catalogue_diff.h"

namespace stratagram::cli {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
  bool json = false;
};

void diff(const DiffOptions& options) {
  const grams::Catalogue before = load_catalogue(options.before);
  const grams::Catalogue after = load_catalogue(options.after);
  const grams::CatalogueDiff found = grams::diff(before, after);
  if (options.json) {
    std::cout << grams::to_json(found, before, after).dump(1) << "\n";
  } else {
    std::cout << grams::to_text(found, before, after);
  }
}

}  // namespace

void add_grams_diff(CLI::App& grams) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command =
      grams.add_subcommand("diff", "what was added, removed and changed between two catalogues");
  command->add_option("A", options->before, "a file, or the name of one of ours")->required();
  command->add_option("B", options->after, "the same")->required();
  command->add_flag("--json", options->json, "every difference, for programs");
  command->footer(footer_of(
      "prints   both digests, grams by role, then + added, - removed, ~ another role or cluster;\n"
      "         grams of which only counts or origin differ are listed by --json. Differences are\n"
      "         no error: the exit code is 0",
      {.examples = {"stratagram grams diff paper-v3 paper-v3-all"}}));
  command->callback([options] { diff(*options); });
}

}  // namespace stratagram::cli
