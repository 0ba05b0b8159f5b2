// stratagram score: log-probability and entropy of given responses.
#include "train/score.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/scoring.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct Options {
  ModelOption model;
  std::string rollouts;
  std::string out;
  train::ScoreOptions score;
};

std::vector<int32_t> ids_of(const rollout::Policy& policy,
                            const json& row,
                            const char* ids_key,
                            const char* text_key,
                            const std::string& where) {
  const auto ids = optional_field_of<std::vector<int64_t>>(row, ids_key, where);
  if (!ids) {
    return policy.tokenizer.encode(field_of<std::string>(row, text_key, where), false).ids;
  }
  return checked_ids(policy, *ids, ids_key, where);
}

void run(const Options& options) {
  JsonlReader reader(options.rollouts);
  check_can_create(options.out);
  const rollout::Policy policy = options.model.load();
  Progress progress("scored");
  // Written beside the target and renamed at the end: an interrupted run leaves the old file alone.
  write_file_atomically(options.out, [&](std::ostream& out) {
    std::vector<json> rows;
    std::vector<TokenItem> items;
    std::vector<std::string> places;
    int64_t tokens = 0;
    int64_t done = 0;
    const auto flush = [&] {
      const auto scores = score_items(policy, items, places, options.score);
      for (size_t i = 0; i < rows.size(); ++i) {
        rows[i]["token_ids"] = items[i].response;
        rows[i]["logprobs"] = rounded_list(scores[i].logprobs);
        rows[i]["entropies"] = rounded_list(scores[i].entropies);
        out << to_json_line(rows[i]) << "\n";
      }
      done += static_cast<int64_t>(rows.size());
      progress.update(done, 0, "responses");
      rows.clear();
      items.clear();
      places.clear();
      tokens = 0;
    };
    for (auto row = reader.next(); row; row = reader.next()) {
      const std::string where = reader.where();
      items.push_back({.prompt = ids_of(policy, *row, "prompt_token_ids", "prompt", where),
                       .response = ids_of(policy, *row, "token_ids", "response", where)});
      places.push_back(where);
      tokens += static_cast<int64_t>(items.back().prompt.size() + items.back().response.size());
      rows.push_back(std::move(*row));
      if (tokens >= options.score.micro_batch_tokens) flush();
    }
    if (!rows.empty()) flush();
  });
}

}  // namespace

void add_score(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("score", "log-probability and entropy of each token of given responses");
  command->group("Run a model");
  options->model.add_to(*command);
  command
      ->add_option("--rollouts",
                   options->rollouts,
                   "JSON Lines with prompt and response (texts, used as they are) or "
                   "prompt_token_ids and token_ids")
      ->type_name("FILE")
      ->required();
  command->add_option("--out", options->out, "the rows again, with token_ids logprobs entropies")
      ->type_name("FILE")
      ->required();
  add_score_options(*command, options->score);
  command->footer(footer_of(
      "",
      {.examples =
           {"stratagram score --model data/models/lab --rollouts rows.jsonl --out scored.jsonl"},
       .first = {"stratagram generate --model data/models/lab --prompt 'Make 24 of 3, 8, 4.' "
                 "--out rows.jsonl"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
