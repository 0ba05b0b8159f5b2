// stratagram grams show: the grams of a catalogue.
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "cli/grams.h"
#include "cli/help.h"
#include "cli/terminal.h"
#include "grams/catalogue_table.h"

namespace stratagram::cli {
namespace {

using grams::TableOrder;

struct ShowOptions {
  std::string catalogue = "paper-v3";
  std::string by = "role";
  bool json = false;
  bool csv = false;
};

void show(const ShowOptions& options) {
  static const std::map<std::string, TableOrder> orders{{"role", TableOrder::kRole},
                                                        {"cluster", TableOrder::kCluster},
                                                        {"frequency", TableOrder::kFrequency}};
  const grams::Catalogue catalogue = load_catalogue(options.catalogue);
  const TableOrder order = orders.at(options.by);
  if (options.json) {
    nlohmann::json spec = catalogue.to_json();
    spec["sha256"] = catalogue.digest();
    std::cout << spec.dump(1) << "\n";
  } else if (options.csv) {
    std::cout << to_csv(catalogue, order);
  } else {
    std::cout << to_table(
        catalogue, {.order = order, .columns = stdout_columns(), .colours = stdout_has_colours()});
  }
}

}  // namespace

void add_grams_show(CLI::App& grams) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = grams.add_subcommand("show", "the grams of a catalogue");
  command->add_option("CATALOGUE", options->catalogue, "a file, or the name of one of ours")
      ->capture_default_str();
  command->add_option("--by", options->by, "order of the grams: role, cluster or frequency")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"role", "cluster", "frequency"}))
      ->capture_default_str();
  auto* json = command->add_flag("--json", options->json, "the catalogue's file instead");
  command->add_flag("--csv", options->csv, "gram,role,origin,cluster,cluster_name,count,documents")
      ->excludes(json);
  command->footer(footer_of(
      "prints   name, digest, who chose the grams, their number by role (and by cluster with\n"
      "         --by cluster), then a line a gram; on a terminal in colours, lines cut to its "
      "width",
      {.examples = {"stratagram grams show paper-v3 --by frequency"}}));
  command->callback([options] { show(*options); });
}

}  // namespace stratagram::cli
