// stratagram verify: the verifier by hand.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/help.h"
#include "core/config.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "reward/equivalence.h"
#include "reward/extraction.h"
#include "reward/grader.h"
#include "reward/sentence.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string gold;
  std::string answer;
  std::string pairs;
  std::vector<std::string> set;
};

struct Explained {
  Judgement judgement;
  std::optional<reward::Extraction> found;  ///< empty for a bare answer
  reward::Comparison comparison;            ///< of what was read
};

// A whole response says where its answer is; what does not is taken as a bare answer, and searched
// for one only where it is prose.
Explained explain(const reward::Grader& grader,
                  const std::string& gold,
                  const std::string& answer) {
  std::vector<std::string> rules = grader.config().extraction;
  std::erase(rules, "last_formula");
  std::erase(rules, "last_number");
  Explained explained{.judgement = {}, .found = reward::extract(answer, rules), .comparison = {}};
  const Problem problem{.id = "pair", .text = "", .answer = gold, .kind = "math"};
  const math::EqualityOptions options = grader.config().equality();
  if (!explained.found) {
    explained.comparison = reward::compare_answers(gold, answer, options);
    const bool is_settled = explained.comparison.verdict == Verdict::kCorrect ||
                            explained.comparison.verdict == Verdict::kError;
    if (!is_settled && reward::is_prose(answer)) {
      explained.found = reward::extract(answer, grader.config().extraction);
    }
  }
  if (explained.found) {
    explained.judgement = grader.judge(problem, answer, Finish::kStop);
    const std::string& read = explained.judgement.predicted.value_or(answer);
    explained.comparison = reward::compare_answers(gold, read, options);
  } else {
    explained.judgement = {.verdict = explained.comparison.verdict,
                           .reason = explained.comparison.reason,
                           .predicted = answer};
  }
  return explained;
}

std::string places_of(const reward::Extraction& found) {
  std::vector<std::string> places;
  for (const Range& part : found.parts) {
    places.push_back(fmt::format("[{}, {})", part.begin, part.end));
  }
  return fmt::format("{}", fmt::join(places, " and "));
}

void print_text(const Explained& explained, const std::string& gold) {
  std::cout << fmt::format("{} ({}): read '{}', gold '{}'\n",
                           verdict_name(explained.judgement.verdict),
                           explained.judgement.reason,
                           explained.judgement.predicted.value_or(""),
                           gold);
  if (explained.found) {
    std::cout << fmt::format(
        "found    by rule {} at bytes {}\n", explained.found->rule, places_of(*explained.found));
  } else {
    std::cout << "found    as a bare answer\n";
  }
  std::cout << fmt::format("gold     {}\nanswer   {}\nsteps    {}\n",
                           explained.comparison.gold_form,
                           explained.comparison.predicted_form,
                           explained.comparison.steps);
}

json to_row(const Explained& explained, const std::string& gold) {
  json row = {{"verdict", verdict_name(explained.judgement.verdict)},
              {"reason", explained.judgement.reason},
              {"predicted", explained.judgement.predicted.value_or("")},
              {"gold", gold},
              {"rule", explained.found ? explained.found->rule : "bare"},
              {"gold_form", explained.comparison.gold_form},
              {"predicted_form", explained.comparison.predicted_form},
              {"steps", explained.comparison.steps}};
  return row;
}

reward::RewardConfig config_of(const std::vector<std::string>& assignments) {
  reward::RewardConfig config;
  ConfigFields fields;
  fields.section("reward", config);
  for (const std::string& assignment : assignments) fields.set(assignment);
  return config;
}

void run(const Options& options) {
  const reward::Grader grader(config_of(options.set));
  if (options.pairs.empty()) {
    print_text(explain(grader, options.gold, options.answer), options.gold);
    return;
  }
  JsonlReader reader(options.pairs);
  for (auto row = reader.next(); row; row = reader.next()) {
    throw_if_interrupted("stopped; run the command again");
    const auto gold = field_of<std::string>(*row, "gold", reader.where());
    const auto answer = field_of<std::string>(*row, "answer", reader.where());
    json line = to_row(explain(grader, gold, answer), gold);
    if (row->contains("id")) line["id"] = row->at("id");
    std::cout << to_json_line(line) << "\n";
  }
}

}  // namespace

void add_verify(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("verify", "is this answer right? The verifier by hand");
  command->group("Measure");
  command->add_option("--gold", options->gold, "the right answer");
  command->add_option("--answer", options->answer, "a response or a bare answer");
  command->add_option("--pairs", options->pairs, "JSON Lines with gold, answer and maybe id")
      ->type_name("FILE");
  command
      ->add_option("--set",
                   options->set,
                   "override one key, e.g. reward.strict_units=true; the last one wins")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->expected(1);
  command->footer(footer_of(
      "prints   the verdict, why, what was read and where, and both answers in normal form; for\n"
      "         --pairs an object a line",
      {.examples = {"stratagram verify --gold 1/2 --answer '\\boxed{0.5}'"}}));
  command->callback([options, command] {
    const bool has_gold = command->count("--gold") > 0;
    const bool has_answer = command->count("--answer") > 0;
    const bool has_pairs = command->count("--pairs") > 0;
    if (has_gold != has_answer || has_gold == has_pairs) {
      fail(ErrorKind::kConfig, "wanted either --gold A and --answer B, or --pairs FILE");
    }
    run(*options);
  });
}

}  // namespace stratagram::cli
