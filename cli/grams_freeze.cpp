// stratagram grams freeze: from candidates and selections to a catalogue.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/grams.h"
#include "cli/help.h"
#include "core/file.h"
#include "core/log.h"
#include "grams/freeze.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;

struct FreezeArguments {
  std::string candidates;
  std::vector<std::string> selections;
  std::string out;
  grams::FreezeOptions options;
};

void print_table(const grams::Catalogue& catalogue) {
  std::map<std::string, std::map<grams::Role, int64_t>> by_origin;
  for (const grams::Gram& gram : catalogue.grams) ++by_origin[gram.origin][gram.role];
  std::cout << fmt::format("{:<12}", "role");
  for (const auto& [origin, roles] : by_origin) std::cout << fmt::format(" {:>10}", origin);
  std::cout << fmt::format(" {:>10}\n", "all");
  for (const grams::Role role : grams::kAllRoles) {
    int64_t all = 0;
    std::cout << fmt::format("{:<12}", grams::role_name(role));
    for (auto& [origin, roles] : by_origin) {
      all += roles[role];
      std::cout << fmt::format(" {:>10}", roles[role]);
    }
    std::cout << fmt::format(" {:>10}\n", all);
  }
}

void freeze(const FreezeArguments& arguments) {
  check_can_create(arguments.out);
  const auto candidates = grams::CandidateList::load(arguments.candidates);
  std::vector<grams::Layer> layers;
  for (const std::string& file : arguments.selections) {
    layers.push_back({.file = file, .selection = grams::Selection::load(file)});
    if (layers.back().selection.corpus_digest != candidates.corpus.digest &&
        arguments.options.other_corpus) {
      spdlog::warn("{}: was made from another corpus than the candidates", file);
    }
  }
  const grams::Frozen frozen = grams::freeze(candidates, std::move(layers), arguments.options);
  frozen.catalogue.save(arguments.out);
  for (const grams::LayerUse& layer : frozen.layers) {
    spdlog::info("{} ({}): {} grams, {} strategic; added {}, rejected {}, decided {}",
                 layer.file,
                 layer.method,
                 layer.num_grams,
                 layer.num_strategic,
                 layer.num_added,
                 layer.num_rejected,
                 layer.num_decided);
  }
  if (frozen.num_uncounted > 0) {
    spdlog::warn("{} grams are no candidates, so their counts are not known", frozen.num_uncounted);
  }
  std::cout << fmt::format("{}: {} grams\ndigest  {}\n\n",
                           frozen.catalogue.name,
                           frozen.catalogue.grams.size(),
                           frozen.catalogue.digest());
  print_table(frozen.catalogue);
}

void add_options(CLI::App& command, FreezeArguments& arguments) {
  command.add_option("CANDIDATES", arguments.candidates, "what `grams mine` wrote")->required();
  command
      .add_option("--selection",
                  arguments.selections,
                  "verdicts on them, of a program or a person; may be given again, a later one is "
                  "laid over the earlier")
      ->type_name("FILE")
      ->take_all()
      ->expected(1)
      ->required();
  command.add_option("--name", arguments.options.name, "what the catalogue is called")
      ->type_name("NAME")
      ->required();
  command
      .add_option(
          "--out", arguments.out, "catalogue to write; one that is there is never written over")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--source",
                  arguments.options.source,
                  "where the list comes from, for people [what was mined, and who chose]")
      ->type_name("TEXT");
  command.add_flag("--other-corpus",
                   arguments.options.other_corpus,
                   "take selections that were made from other texts; a warning says so");
}

}  // namespace

void add_grams_freeze(CLI::App& grams) {
  auto arguments = std::make_shared<FreezeArguments>();
  CLI::App* command =
      grams.add_subcommand("freeze", "write the grams that were chosen as a catalogue");
  add_options(*command, *arguments);
  command->footer(footer_of(
      "Of a gram that several selections name, the last one decides; a review decides before all\n"
      "programs, wherever it stands. The catalogue records each selection's settings, such as\n"
      "the weights of a selector. prints the grams by role and origin:\n"
      "mined (by a program), annotated (a judge agreed), manual (by a person alone).",
      {.examples = {"stratagram grams freeze mined.jsonl --selection s.jsonl --name mine --out "
                    "mine.json"},
       .first = {"scripts/demo.sh",
                 "stratagram grams mine runs/demo/grpo --out mined.jsonl",
                 "stratagram grams cluster mined.jsonl runs/demo/grpo --policy data/models/lab "
                 "--out s.jsonl"}}));
  command->callback([arguments] { freeze(*arguments); });
}

}  // namespace stratagram::cli
