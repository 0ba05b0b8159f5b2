// stratagram grams: strategic grams in texts, and the catalogues they come from.
#include "cli/grams.h"

#include "cli/commands.h"
#include "cli/help.h"
#include "core/share.h"

namespace stratagram::cli {

grams::Catalogue load_catalogue(const std::string& name) {
  return grams::Catalogue::load(find_shared_json("catalogues", name));
}

void add_grams(CLI::App& app) {
  CLI::App* command = app.add_subcommand("grams", "strategic grams in texts, and catalogues");
  command->group("Measure");
  command->require_subcommand(1);
  command->footer(footer_of("", {.examples = {"stratagram grams show paper-v3"}}) +
                  "\nmore     stratagram grams COMMAND --help");

  add_grams_mine(*command);
  add_grams_cluster(*command);
  add_grams_annotate(*command);
  add_grams_fit(*command);
  add_grams_select(*command);
  add_grams_quality(*command);
  add_grams_review(*command);
  add_grams_freeze(*command);
  add_grams_show(*command);
  add_grams_diff(*command);
  add_grams_tag(*command);
  add_grams_coverage(*command);
  add_grams_placebo(*command);
}

}  // namespace stratagram::cli
