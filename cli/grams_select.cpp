// stratagram grams select: strategic grams by a small model whose numbers are in a file.
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/evidence_option.h"
#include "cli/grams.h"
#include "cli/help.h"
#include "core/file.h"
#include "core/log.h"
#include "core/share.h"
#include "grams/selector.h"

namespace stratagram::cli {
namespace {

struct SelectCommand {
  std::string candidates;
  std::string selector;
  std::string out;
  std::optional<double> threshold;
  EvidenceOption evidence;
};

void select(const SelectCommand& command) {
  check_can_create(command.out);
  const grams::CandidateList list = grams::CandidateList::load(command.candidates);
  grams::Selector selector = grams::Selector::load(find_shared_json("selectors", command.selector));
  if (command.threshold) selector.threshold = *command.threshold;
  const OpenEvidence opened(command.evidence, list);
  if (!selector.plain_sources.empty() &&
      grams::plain_sources_of(selector, opened.evidence()).empty()) {
    spdlog::warn(
        "{}: nobody is known not to think aloud, so the feature 'reasoning' says nothing; "
        "--plain SOURCE names one",
        command.candidates);
  }
  const grams::Selection selection = grams::select(selector, opened.evidence());
  selection.save(command.out);
  spdlog::info("{}: {} of {} grams strategic, by {} with the threshold {:.4f}",
               command.out,
               std::ranges::count_if(selection.choices, &grams::Choice::strategic),
               selection.choices.size(),
               selector.name,
               selector.threshold);
}

}  // namespace

void add_grams_select(CLI::App& grams) {
  auto command = std::make_shared<SelectCommand>();
  CLI::App* app =
      grams.add_subcommand("select", "strategic grams: those that a fitted selector picks");
  app->add_option("CANDIDATES", command->candidates, "what `grams mine` wrote")->required();
  app->add_option("--selector", command->selector, "a file, or the name of one of ours")
      ->type_name("NAME")
      ->required();
  app->add_option("--threshold",
                  command->threshold,
                  "strategic from this probability on; default the selector's own")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P");
  command->evidence.add_to(*app);
  app->add_option("--out", command->out, "selection to write; never written over")
      ->type_name("FILE")
      ->required();
  app->footer(footer_of(
      "A line of FILE is a gram: whether it is strategic, its probability, and the role of the\n"
      "judged grams that are nearest. The weights stand in the first line. Without --plain those\n"
      "plain sources of the selector count that the candidates have.",
      {.examples = {"stratagram grams select mined.jsonl --selector counts --out s.jsonl"},
       .first = {"scripts/demo.sh", "stratagram grams mine runs/demo/grpo --out mined.jsonl"}}));
  app->callback([command] { select(*command); });
}

}  // namespace stratagram::cli
