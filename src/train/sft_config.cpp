#include "train/sft_config.h"

#include "core/config.h"
#include "text/problems.h"

namespace stratagram::train {

void StartSection::describe(ConfigFields& fields) {
  fields.add(
      "start",
      &start,
      {.meaning = "go on from the model's weights, or draw them anew, keyed by run.seed; then "
                  "the folder needs only config.json and the tokenizer",
       .choices = {"weights", "random"}});
}

void SftRunSection::describe(ConfigFields& fields) {
  fields.add("seed", &seed, {.meaning = "keys every draw of the run", .min = 0});
  fields.add(
      "num_epochs", &num_epochs, {.meaning = "passes over the pairs", .unit = "epochs", .min = 1});
  fields.add("sequences_per_step",
             &sequences_per_step,
             {.meaning = "pairs of one optimizer update", .unit = "pairs", .min = 1});
  fields.add("max_tokens",
             &max_tokens,
             {.meaning = "pairs with more tokens, prompt included, are left out",
              .unit = "tokens",
              .min = 2});
}

void PassSection::describe(ConfigFields& fields) {
  fields.add("micro_batch_tokens",
             &micro_batch_tokens,
             {.meaning = "tokens of one forward and backward pass; memory grows with it",
              .unit = "tokens",
              .min = 1});
  fields.add("recompute_layers",
             &recompute_layers,
             {.meaning = "compute each layer again in the backward pass instead of keeping it"});
  add_kept_logits(fields, kept_logits_mb);
}

void SftConfig::describe(ConfigFields& fields) {
  fields.section("model", model);
  fields.section("model", start);
  fields.section("data", data);
  fields.section("run", run);
  fields.section("optimizer", optimizer);
  fields.section("schedule", schedule);
  fields.section("update", update);
  fields.section("checkpoint", checkpoint);
}

std::vector<std::string> SftConfig::problems() const {
  std::vector<std::string> found;
  if (model.path.empty()) found.emplace_back("model.path is not set: wanted a model to train");
  if (data.problems.empty()) found.emplace_back("data.problems is not set: wanted a problem set");
  if (!text::names_the_problem(data.prompt)) {
    found.push_back("data.prompt: wanted {problem} or {numbers} in it, got '" + data.prompt + "'");
  }
  return found;
}

}  // namespace stratagram::train
