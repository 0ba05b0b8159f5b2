// stratagram grams quality: methods against labels.
#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <memory>
#include <unordered_set>
#include <vector>

#include "cli/grams.h"
#include "cli/help.h"
#include "cli/label_option.h"
#include "grams/matcher.h"
#include "grams/quality.h"
#include "grams/selection.h"

namespace stratagram::cli {
namespace {

struct QualityCommand {
  LabelOption labels;
  std::vector<std::string> methods;
  int64_t num_draws = 10000;
  uint64_t seed = 0;
};

struct Method {
  std::string name;
  std::function<bool(const std::string&)> called;
};

using Texts = std::unordered_set<std::string>;

// A selection is a method; a catalogue is two: the gram itself is in it, or one inside the gram.
void add_methods(const std::string& name, std::vector<Method>& methods) {
  auto texts = std::make_shared<Texts>();
  if (name.ends_with(".jsonl")) {
    for (const grams::Choice& choice : grams::Selection::load(name).choices) {
      if (choice.strategic) texts->insert(choice.text);
    }
    methods.push_back({name, [texts](const std::string& gram) { return texts->contains(gram); }});
    return;
  }
  const grams::Catalogue catalogue = load_catalogue(name);
  for (const grams::Gram& gram : catalogue.grams) texts->insert(gram.text);
  auto matcher = std::make_shared<grams::Matcher>(catalogue);
  methods.push_back({name, [texts](const std::string& gram) { return texts->contains(gram); }});
  methods.push_back({name + ", inside", [matcher](const std::string& gram) {
                       return !matcher->find(gram).all.empty();
                     }});
}

std::string cell(const std::optional<grams::QualityFigure>& figure) {
  if (!figure) return "-";
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", figure->value, figure->low, figure->high);
}

void quality(const QualityCommand& command) {
  const std::vector<grams::Label> labels = command.labels.load();
  std::vector<Method> methods;
  for (const std::string& name : command.methods) add_methods(name, methods);
  size_t width = 6;
  for (const Method& method : methods) width = std::max(width, method.name.size());
  bool first = true;
  for (const Method& method : methods) {
    const grams::Quality made =
        grams::quality_of(labels, method.called, command.num_draws, command.seed);
    if (first) {
      std::cout << fmt::format(
          "{} labels, {} strategic; figures are of the list they were drawn "
          "from, with 95 % intervals\n\n{:<{}} {:>6}  {:<24} {:<24} {}\n",
          made.num_labels,
          made.num_strategic,
          "method",
          width,
          "called",
          "precision",
          "recall",
          "kappa");
    }
    first = false;
    std::cout << fmt::format("{:<{}} {:>6}  {:<24} {:<24} {}\n",
                             method.name,
                             width,
                             made.num_called,
                             cell(made.precision),
                             cell(made.recall),
                             cell(made.kappa));
  }
}

}  // namespace

void add_grams_quality(CLI::App& grams) {
  auto command = std::make_shared<QualityCommand>();
  CLI::App* app =
      grams.add_subcommand("quality", "precision, recall and kappa of methods against labels");
  app->add_option("METHOD",
                  command->methods,
                  "a selection (FILE.jsonl), or a catalogue by file or by the name of one of ours")
      ->required();
  command->labels.add_to(*app);
  app->add_option("--draws", command->num_draws, "of the bootstrap")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app->add_option("--seed", command->seed, "keys the draws")->capture_default_str();
  app->footer(footer_of(
      "A catalogue has two lines: the gram itself is in it, or one of its grams inside the gram.",
      {.examples = {"stratagram grams quality paper-v3 --labels data/labels/grams.jsonl"}}));
  app->callback([command] { quality(*command); });
}

}  // namespace stratagram::cli
