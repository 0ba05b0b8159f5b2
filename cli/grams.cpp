// stratagram grams: strategic grams in texts, and the catalogues they come from.
#include "cli/grams.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "cli/help.h"
#include "core/share.h"

namespace stratagram::cli {
namespace {

void show(const std::string& name) {
  const grams::Catalogue catalogue = load_catalogue(name);
  std::cout << fmt::format(
      "{}: {} grams\nsource  {}\ndigest  {}\n\n{:<12} {:<10} {:>9} {:>9}  gram\n",
      catalogue.name,
      catalogue.grams.size(),
      catalogue.source,
      catalogue.digest(),
      "role",
      "origin",
      "count",
      "documents");
  std::vector<grams::Gram> sorted = catalogue.grams;
  std::ranges::stable_sort(sorted, {}, &grams::Gram::role);
  for (const grams::Gram& gram : sorted) {
    std::cout << fmt::format(
        "{:<12} {:<10} {:>9} {:>9}  {}\n",
        grams::role_name(gram.role),
        gram.origin,
        gram.count > 0 ? std::to_string(gram.count) : "-",
        gram.document_frequency > 0 ? std::to_string(gram.document_frequency) : "-",
        gram.text);
  }
}

}  // namespace

grams::Catalogue load_catalogue(const std::string& name) {
  return grams::Catalogue::load(find_shared_json("catalogues", name));
}

void add_grams(CLI::App& app) {
  CLI::App* command = app.add_subcommand("grams", "strategic grams in texts, and catalogues");
  command->group("Measure");
  command->require_subcommand(1);
  command->footer(footer_of("", {.examples = {"stratagram grams show paper-v3"}}) +
                  "\nmore     stratagram grams COMMAND --help");

  add_grams_tag(*command);
  auto name = std::make_shared<std::string>("paper-v3");
  CLI::App* showing = command->add_subcommand("show", "the grams of a catalogue");
  showing->add_option("CATALOGUE", *name, "a file, or the name of one of ours")
      ->capture_default_str();
  showing->footer(footer_of("", {.examples = {"stratagram grams show paper-v3"}}));
  showing->callback([name] { show(*name); });
  add_grams_mine(*command);
  add_grams_cluster(*command);
  add_grams_fit(*command);
  add_grams_select(*command);
  add_grams_quality(*command);
  add_grams_review(*command);
  add_grams_placebo(*command);
}

}  // namespace stratagram::cli
