#include "tests/support/tiny_run.h"

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/error.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "train/trainer.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kTokenizerFolder = STRATAGRAM_TEST_DATA "/text/qwen2";

int32_t id_of(const text::Tokenizer& tokenizer, const std::string& token) {
  return tokenizer.id_of(token).value();
}

// The first unit of the residual stream holds the same number at every position and layer, so the
// first column of the head is a bias. The final norm divides that unit by the root mean square of
// the stream, which is 4.4 to 4.8 with these weights, so 1.5 makes it about 1.
void give_bias_(const model::Transformer& model,
                const text::Tokenizer& tokenizer,
                double end_bias) {
  const at::AutoGradMode off(false);
  for (const auto& [name, weight] : model.weights()) {
    if (name == "model.embed_tokens.weight") weight.select(1, 0).fill_(3.0);
    if (name == "model.norm.weight") weight.select(0, 0).fill_(1.5);
    if (name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight")) {
      weight.select(0, 0).fill_(0.0);
    }
    if (name != "lm_head.weight") continue;
    weight.mul_(0.3);  // what the other units add is about 0.4, so the bias decides
    weight.select(1, 0).fill_(-8.0);
    const std::string space = "\xC4\xA0";  // as byte-level vocabularies spell it
    // Digits and blanks come more often: a response without a number is never right, and a digit
    // that hangs on a word is none.
    for (const auto& [token, bias] : std::map<std::string, double>{
             {"1", 1.0}, {"2", 1.0}, {space, 1.5}, {space + "a", -0.5}, {space + "the", -0.5}}) {
      weight.select(1, 0).select(0, id_of(tokenizer, token)).fill_(bias);
    }
    weight.select(1, 0).select(0, id_of(tokenizer, "<|im_end|>")).fill_(end_bias);
  }
}

bool is_timing(const std::string& name) {
  return name.starts_with("time/") || name.starts_with("speed/") || name.starts_with("memory/");
}

}  // namespace

rollout::Policy talker(const TalkerOptions& options) {
  const text::Tokenizer tokenizer =
      text::Tokenizer::from_json_file(fs::path(kTokenizerFolder) / "tokenizer.json");
  TinyOptions tiny = options.model;
  if (tiny.vocab_size == 0) tiny.vocab_size = tokenizer.vocab_size();
  rollout::Policy policy{.model = tiny_model(tiny),
                         .tokenizer = tokenizer,
                         .chat = text::ChatTemplate::named("plain"),
                         .end_token_ids = {id_of(tokenizer, "<|im_end|>")},
                         .path = kTokenizerFolder,
                         .tokenizer_files = {}};
  give_bias_(policy.model, tokenizer, options.end_bias);
  return policy;
}

std::vector<Problem> digit_problems(int64_t count) {
  std::vector<Problem> problems;
  for (int64_t i = 0; i < count; ++i) {
    const std::string answer = i % 2 == 0 ? "1" : "2";
    problems.push_back({.id = fmt::format("p{}", i),
                        .text = fmt::format("problem {}", i),
                        .answer = answer,
                        .solution = fmt::format("the {} a {}", i, answer)});
  }
  return problems;
}

grams::Catalogue talker_catalogue() {
  return {.name = "talker",
          .source = "test",
          .corpus_digest = "",
          .grams = {{.text = "a", .cluster = 0},
                    {.text = "the", .cluster = 0},
                    {.text = "a the", .cluster = 1}}};
}

train::RunConfig tiny_run_config() {
  train::RunConfig config;
  config.run = {.seed = 5, .num_steps = 6, .prompts_per_step = 3, .samples_per_prompt = 4};
  config.sampling.temperature = 0.8;
  config.sampling.max_new_tokens = 12;
  config.engine = {.max_sequences = 8, .block_tokens = 4};
  config.reward.extraction = {"last_number"};
  config.grams.rarefied_draws = 4;
  config.grams.follower_words = 1;
  config.optimizer.learning_rate = 2e-3;
  config.schedule = {.kind = "linear", .warmup_steps = 2};
  config.update.micro_batch_tokens = 60;
  config.checkpoint = {.every_steps = 2, .keep_last = 2};
  return config;
}

model::Weights cloned(const model::Weights& weights) {
  model::Weights copies;
  for (const auto& [name, weight] : weights) copies[name] = weight.detach().clone();
  return copies;
}

RunEnd run_tiny(const fs::path& folder, const TinyRun& run) {
  RunEnd end;
  rollout::Policy policy = talker(run.talker);
  const model::Weights weights = policy.model.weights();
  std::unique_ptr<rollout::Policy> reference;
  if (run.config.loss.kl_coefficient > 0) {
    reference = std::make_unique<rollout::Policy>(talker(run.talker));
  }
  train::TrainObserver observer;
  observer.on_warning = [&](const std::string& sentence) { end.warnings.push_back(sentence); };
  observer.on_step = [&](const metrics::StepRecord& record) {
    if (run.on_step) run.on_step(record.step() + 1);
  };
  observer.on_rollout = [&](int64_t step, int64_t /*tokens*/, int64_t /*responses*/) {
    if (run.on_rollout) run.on_rollout(step);
  };
  {
    train::Trainer trainer(run.config,
                           {.policy = std::move(policy),
                            .reference = std::move(reference),
                            .problems = run.problems,
                            .catalogue = run.catalogue,
                            .placebo = run.placebo},
                           run.resume ? train::RunFolder::open(folder)
                                      : train::RunFolder::create(folder, json::object()),
                           observer);
    try {
      if (run.resume) trainer.resume();
      trainer.run();
    } catch (const Error& error) {
      end.error = fmt::format("{}: {}", error_kind_name(error.kind()), error.what());
    }
  }
  clear_interrupt();
  end.weights = cloned(weights);
  end.metrics = timeless_metrics(folder);
  return end;
}

std::vector<json> timeless_metrics(const fs::path& folder) {
  std::vector<json> records;
  if (!fs::exists(folder / "metrics.jsonl")) return records;
  JsonlReader reader(folder / "metrics.jsonl");
  while (const auto record = reader.next()) {
    json kept = json::object();
    for (const auto& [name, value] : record->items()) {
      if (!is_timing(name)) kept[name] = value;
    }
    records.push_back(std::move(kept));
  }
  return records;
}

std::vector<json> rollout_rows(const fs::path& folder, int64_t step) {
  std::vector<json> rows;
  JsonlReader reader(folder / "rollouts" / fmt::format("{:06}.jsonl", step));
  while (auto row = reader.next()) rows.push_back(std::move(*row));
  return rows;
}

std::vector<std::pair<std::string, std::string>> files_of(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = fs::relative(entry.path(), folder).string();
    if (name == ".lock" || name == "config.json" || name == "metrics.jsonl") continue;
    files.emplace_back(name, read_file(entry.path()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool same_weights(const model::Weights& a, const model::Weights& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.equal(y.second);
  });
}

void expect_same_weights(const model::Weights& a, const model::Weights& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, weight] : a) EXPECT_TRUE(weight.equal(b.at(name))) << name;
}

}  // namespace stratagram
