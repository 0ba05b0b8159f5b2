// stratagram grams fit: a selector from labelled grams.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/evidence_option.h"
#include "cli/grams.h"
#include "cli/help.h"
#include "cli/label_option.h"
#include "core/file.h"
#include "core/log.h"
#include "grams/evidence_rows.h"
#include "grams/fit_selector.h"

namespace stratagram::cli {
namespace {

struct FitCommand {
  std::string candidates;
  LabelOption labels;
  EvidenceOption evidence;
  std::string out;
  grams::FitOptions fit;
};

// What there is evidence for.
std::vector<std::string> features_of(const FitCommand& command) {
  std::vector<std::string> names;
  for (const std::string& name : grams::feature_names()) {
    if (name == grams::kReasoningFeature && command.evidence.plain_sources.empty()) continue;
    const bool near = name == grams::kSeedsFeature || name == grams::kCounterFeature;
    if (near && !command.evidence.embedder.given()) continue;
    if (name == grams::kJudgeFeature && command.evidence.judge.empty()) continue;
    names.push_back(name);
  }
  return names;
}

void print(const grams::Selector& selector) {
  std::cout << fmt::format("{:<18} {:>9} {:>9} {:>9}\n", "feature", "mean", "scale", "weight");
  for (const grams::WeightedFeature& feature : selector.features) {
    std::cout << fmt::format("{:<18} {:>9.4f} {:>9.4f} {:>9.4f}\n",
                             feature.name,
                             feature.mean,
                             feature.scale,
                             feature.weight);
  }
  std::cout << fmt::format(
      "bias {:.4f}, strategic from {:.4f} on; cross-validated: precision {:.3f}, recall {:.3f}\n",
      selector.bias,
      selector.threshold,
      selector.fit.at("cross_validated_precision").get<double>(),
      selector.fit.at("cross_validated_recall").get<double>());
}

void fit(FitCommand command) {
  check_can_create(command.out);
  const grams::CandidateList list = grams::CandidateList::load(command.candidates);
  const std::vector<grams::Label> labels = command.labels.load();
  command.fit.name = std::filesystem::path(command.out).stem().string();
  command.fit.features = features_of(command);
  const OpenEvidence opened(command.evidence, list);
  const grams::Selector selector = grams::fit_selector(labels, opened.evidence(), command.fit);
  selector.save(command.out);
  print(selector);
}

}  // namespace

void add_grams_fit(CLI::App& grams) {
  auto command = std::make_shared<FitCommand>();
  CLI::App* app = grams.add_subcommand("fit", "make a selector from labelled grams");
  app->add_option("CANDIDATES", command->candidates, "what `grams mine` wrote")->required();
  command->labels.add_to(*app);
  command->evidence.add_to(*app);
  app->add_option("--ridge", command->fit.ridge, "pull of the weights towards 0")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app->add_option("--nearest", command->fit.num_nearest, "judged grams that a gram is held against")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app->add_option("--seed", command->fit.seed, "keys the folds")->capture_default_str();
  app->add_option("--out", command->out, "selector to write; never written over")
      ->type_name("FILE")
      ->required();
  app->footer(footer_of(
      "Features are those that there is evidence for: counts always, `reasoning` with --plain,\n"
      "nearness to labelled grams with an encoder, a judge's answers with --judge.",
      {.examples = {"stratagram grams fit mined.jsonl --labels data/labels/grams.jsonl --half "
                    "open --out s.json"}}));
  app->callback([command] { fit(*command); });
}

}  // namespace stratagram::cli
