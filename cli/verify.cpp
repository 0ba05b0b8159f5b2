// stratagram verify: the verifier by hand.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/help.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "reward/extraction.h"
#include "reward/grader.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string gold;
  std::string answer;
  std::string pairs;
};

// A whole response says where its answer is; what does not is taken as a bare answer.
Judgement judge(const reward::Grader& grader, const std::string& gold, const std::string& answer) {
  const Problem problem{.id = "pair", .text = "", .answer = gold, .kind = "math"};
  std::vector<std::string> marked = grader.config().extraction;
  std::erase(marked, "last_number");
  const bool is_response = reward::extract(answer, marked).has_value();
  return grader.judge(problem, is_response ? answer : "\\boxed{" + answer + "}", Finish::kStop);
}

void run(const Options& options) {
  const reward::Grader grader({});
  if (options.pairs.empty()) {
    const Judgement judgement = judge(grader, options.gold, options.answer);
    std::cout << fmt::format("{} ({}): read '{}', gold '{}'\n",
                             verdict_name(judgement.verdict),
                             judgement.reason,
                             judgement.predicted.value_or(""),
                             options.gold);
    return;
  }
  JsonlReader reader(options.pairs);
  for (auto row = reader.next(); row; row = reader.next()) {
    throw_if_interrupted("stopped; run the command again");
    const auto gold = field_of<std::string>(*row, "gold", reader.where());
    const Judgement judgement =
        judge(grader, gold, field_of<std::string>(*row, "answer", reader.where()));
    json line = {{"verdict", verdict_name(judgement.verdict)},
                 {"reason", judgement.reason},
                 {"predicted", judgement.predicted.value_or("")},
                 {"gold", gold}};
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
  command->footer(
      footer_of("prints   the verdict, why, and what was read; for --pairs an object a line",
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
