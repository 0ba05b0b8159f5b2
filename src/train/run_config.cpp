#include "train/run_config.h"

#include <fmt/format.h>

#include "core/config.h"
#include "text/problems.h"

namespace stratagram::train {

void ModelSection::describe(ConfigFields& fields) {
  fields.add("path", &path, {.meaning = "Hugging Face folder, .gguf file or hub:owner/name"});
  fields.add("dtype",
             &dtype,
             {.meaning = "number format of weights and passes; bfloat16 keeps float32 masters",
              .choices = {"float32", "bfloat16"}});
  fields.add("device", &device, {.meaning = "cpu or cuda:N; empty = cuda:0 if present, else cpu"});
  fields.add("chat_template",
             &chat_template,
             {.meaning = "how a conversation is written",
              .choices = {"auto", "chatml", "llama3", "qwen3", "qwen3-no-think", "plain"}});
}

void ReferenceSection::describe(ConfigFields& fields) {
  fields.add("reference",
             &reference,
             {.meaning = "frozen model of the KL term; empty = the model before its first update"});
}

void DataSection::describe(ConfigFields& fields) {
  fields.add("problems", &problems, {.meaning = "problem set: a JSON Lines file or a known name"});
  fields.add(
      "prompt",
      &prompt,
      {.meaning = "user message; {problem} stands for the problem's text, {numbers} and {target} "
                  "for those of a Countdown puzzle"});
  fields.add("system", &system, {.meaning = "system message; empty = none of our own"});
  fields.add("skip_blank_answers",
             &skip_blank_answers,
             {.meaning = "leave out problems whose answer is blank instead of refusing the set"});
}

void RunSection::describe(ConfigFields& fields) {
  fields.add("seed", &seed, {.meaning = "keys every draw of the run", .min = 0});
  fields.add("num_steps", &num_steps, {.meaning = "steps of the run", .unit = "steps", .min = 1});
  fields.add("prompts_per_step",
             &prompts_per_step,
             {.meaning = "problems of one step", .unit = "problems", .min = 1});
  fields.add(
      "samples_per_prompt",
      &samples_per_prompt,
      {.meaning = "G, the responses of a group", .unit = "responses", .min = 2, .origin = "paper"});
  fields.add("max_rollout_mb",
             &max_rollout_mb,
             {.meaning = "rollouts are written until they take so much together; 0 = none",
              .unit = "MB",
              .min = 0});
}

void GramsSection::describe(ConfigFields& fields) {
  fields.add("catalogue",
             &catalogue,
             {.meaning = "strategic grams: a catalogue file or the name of one that comes with the "
                         "program",
              .origin = "paper"});
  fields.add("rarefied_draws",
             &rarefied_draws,
             {.meaning = "occurrences that rarefied entropies are brought down to",
              .unit = "occurrences",
              .min = 2});
  fields.add("follower_words",
             &follower_words,
             {.meaning = "words after a gram that conditional entropy looks at",
              .unit = "words",
              .min = 1});
  fields.add("fork_share",
             &fork_share,
             {.meaning = "share of tokens that count as of high entropy",
              .min = 0.001,
              .max = 1,
              .origin = "paper"});
}

void EvalSection::describe(ConfigFields& fields) {
  fields.add("every",
             &every,
             {.meaning = "evaluate before each step whose number this divides, and after the last "
                         "one if it does; 0 = never",
              .unit = "steps",
              .min = 0});
  fields.add("benchmarks",
             &benchmarks,
             {.meaning = "recipes or problem sets, as `stratagram eval --benchmarks` takes them"});
  fields.add("template",
             &prompt_template,
             {.meaning = "prompt template of all of them; empty = each recipe's"});
  fields.add(
      "samples",
      &samples,
      {.meaning = "responses of each problem; 0 = each recipe's", .unit = "responses", .min = 0});
  fields.add(
      "max_new_tokens",
      &max_new_tokens,
      {.meaning = "length budget of a response; 0 = each recipe's", .unit = "tokens", .min = 0});
  fields.add("limit",
             &limit,
             {.meaning = "only the first problems of each; 0 = all", .unit = "problems", .min = 0});
}

void RunConfig::describe(ConfigFields& fields) {
  fields.section("model", model);
  fields.section("model", reference);
  fields.section("data", data);
  fields.section("run", run);
  fields.section("rollout", sampling);
  fields.section("rollout", engine);
  fields.section("reward", reward);
  fields.section("grams", grams);
  fields.section("credit", credit);
  fields.section("loss", loss);
  fields.section("optimizer", optimizer);
  fields.section("schedule", schedule);
  fields.section("update", update);
  fields.section("dynamic_sampling", dynamic_sampling);
  fields.section("eval", eval);
  fields.section("checkpoint", checkpoint);
  fields.section("guard", guard);
}

std::vector<std::string> RunConfig::problems() const {
  std::vector<std::string> found;
  const auto want = [&](bool holds, std::string sentence) {
    if (!holds) found.push_back(std::move(sentence));
  };
  want(!model.path.empty(), "model.path is not set: wanted a model to train");
  want(!data.problems.empty(), "data.problems is not set: wanted a problem set");
  want(text::names_the_problem(data.prompt),
       fmt::format("data.prompt: wanted {{problem}} or {{numbers}} in it, got '{}'", data.prompt));
  want(
      sampling.is_plain(),
      "rollout.top_p, top_k and min_p must stay at 1, 0 and 0 in training: the loss is that of the "
      "whole distribution");
  want(sampling.temperature > 0, "rollout.temperature must be above 0 in training");
  want(credit.rule != "placebo" || !credit.placebo_catalogue.empty(),
       "credit.placebo_catalogue is not set: credit.rule = placebo wants one; make it with "
       "`stratagram grams placebo`");
  want(reference.reference.empty() || loss.kl_coefficient > 0,
       "model.reference has no effect while loss.kl_coefficient = 0");
  want(eval.every == 0 || !eval.benchmarks.empty(),
       "eval.benchmarks is not set: eval.every > 0 wants at least one");
  want(eval.every > 0 || eval.benchmarks.empty(),
       "eval.benchmarks has no effect while eval.every = 0");
  want(reward.overlong_tokens < sampling.max_new_tokens,
       fmt::format("reward.overlong_tokens = {} must be below rollout.max_new_tokens = {}",
                   reward.overlong_tokens,
                   sampling.max_new_tokens));
  return found;
}

}  // namespace stratagram::train
