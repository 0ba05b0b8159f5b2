#include "train/sft.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/file.h"
#include "core/interrupt.h"
#include "model/weights.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tensor_memory.h"
#include "tests/support/tiny_model.h"
#include "tests/support/tiny_run.h"
#include "tests/support/trained_steps.h"
#include "train/score.h"

namespace stratagram::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

SftConfig sft_config() {
  SftConfig config;
  config.run = {.seed = 3, .num_epochs = 3, .sequences_per_step = 3, .max_tokens = 64};
  config.optimizer.learning_rate = 3e-3;
  config.schedule = {.kind = "linear", .warmup_steps = 2};
  config.update.micro_batch_tokens = 40;
  config.checkpoint = {.every_steps = 2, .keep_last = 2};
  return config;
}

struct SftRun {
  SftConfig config = sft_config();
  TalkerOptions talker{};
  int64_t num_problems = 7;  // 3 steps an epoch, the last one of a single pair
  bool resume = false;
  int64_t stop_after = -1;
};

RunEnd run_sft(const fs::path& folder, const SftRun& run) {
  rollout::Policy policy = talker(run.talker);
  const model::Weights weights = policy.model.weights();
  SolvedPairs pairs = solved_pairs(policy, digit_problems(run.num_problems), run.config);
  RunEnd end;
  {
    SftTrainer trainer(
        run.config,
        std::move(policy),
        std::move(pairs.pairs),
        run.resume ? RunFolder::open(folder) : RunFolder::create(folder, json::object()),
        {.on_note = {}, .on_step = [&](const metrics::StepRecord& record, int64_t /*steps*/) {
           if (record.step() + 1 == run.stop_after) request_interrupt();
         }});
    try {
      if (run.resume) trainer.resume();
      trainer.run();
    } catch (const Error& error) {
      end.error = error.what();
    }
  }
  clear_interrupt();
  end.weights = cloned(weights);
  end.metrics = timeless_metrics(folder);
  return end;
}

TEST(SolvedPairs, HoldThePromptOfTrainAndTheSolutionWithItsEndToken) {
  const rollout::Policy policy = talker();
  SftConfig config = sft_config();
  config.data.prompt = "Q: {problem}";
  std::vector<Problem> problems = digit_problems(3);
  problems[1].solution = "";
  problems[2].solution = std::string(200, 'x');

  const SolvedPairs solved = solved_pairs(policy, problems, config);

  ASSERT_EQ(solved.pairs.size(), 1U);
  EXPECT_EQ(solved.num_without_solution, 1);
  EXPECT_EQ(solved.num_too_long, 1);
  EXPECT_EQ(solved.pairs[0].prompt, policy.prompt("p0", "", "Q: problem 0").token_ids);
  EXPECT_EQ(policy.tokenizer.decode(solved.pairs[0].response, false), "the 0 a 1<|im_end|>");
}

// A tokenizer of Llama 3's kind with its three end tokens, in the order of its config.json.
text::Tokenizer llama3_tokenizer(const TempFolder& folder) {
  json spec = json::parse(read_file(fs::path(STRATAGRAM_TEST_DATA) / "text/llama3/tokenizer.json"));
  const std::vector<std::string> names{"<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"};
  for (size_t i = 0; i < names.size(); ++i) spec["added_tokens"][i]["content"] = names[i];
  return text::Tokenizer::from_json_file(folder.write("tokenizer.json", spec.dump()));
}

TEST(SolvedPairs, OfLlama3EndWithTheTokenOfATurnAndNotOfTheText) {
  const TempFolder folder;
  rollout::Policy policy = talker();
  policy.tokenizer = llama3_tokenizer(folder);
  policy.end_token_ids = {380, 381, 382};
  const auto end_of = [&](const char* chat) {
    policy.chat = text::ChatTemplate::named(chat);
    // The tokenizer has no header tokens, so the prompt is long.
    SftConfig config = sft_config();
    config.run.max_tokens = 1000;
    const SolvedPairs solved = solved_pairs(policy, digit_problems(1), config);
    return policy.tokenizer.decode(std::vector{solved.pairs[0].response.back()}, false);
  };

  EXPECT_EQ(end_of("llama3"), "<|eot_id|>");
  EXPECT_EQ(end_of("plain"), "<|end_of_text|>");
}

TEST(SolvedPairs, EndWithTheTokenOfTheChatTemplateWhereTheModelEndsAtIt) {
  rollout::Policy policy = talker();
  const int32_t text_end = policy.tokenizer.id_of("<|endoftext|>").value();
  const int32_t turn_end = policy.tokenizer.id_of("<|im_end|>").value();
  const auto end_of = [&](const char* chat, std::vector<int32_t> ends) {
    policy.chat = text::ChatTemplate::named(chat);
    policy.end_token_ids = std::move(ends);
    return solved_pairs(policy, digit_problems(1), sft_config()).pairs[0].response.back();
  };

  for (const char* chat : {"chatml", "qwen3", "qwen3-no-think"}) {
    EXPECT_EQ(end_of(chat, {text_end, turn_end}), turn_end) << chat;
    // A response would go on after <|im_end|>.
    EXPECT_EQ(end_of(chat, {text_end}), text_end) << chat;
  }
  EXPECT_EQ(end_of("plain", {text_end, turn_end}), text_end);
}

TEST(SolvedPairs, SayInNumbersThatNoneIsLeft) {
  std::vector<Problem> problems = digit_problems(2);
  problems[0].solution = "";
  SftConfig config = sft_config();
  config.run.max_tokens = 3;

  expect_error([&] { (void)solved_pairs(talker(), problems, config); },
               ErrorKind::kData,
               "of 2 problems 1 have none and 1 are longer");
}

TEST(SftGradients, AreThoseOfTheMeanOverAllTokensWhateverTheMicroBatches) {
  const rollout::Policy policy = talker({.model = {.vocab_size = 0, .dtype = at::kDouble}});
  const SolvedPairs solved = solved_pairs(policy, digit_problems(5), sft_config());
  std::vector<const SolvedPair*> pairs;
  pairs.reserve(solved.pairs.size());
  for (const SolvedPair& pair : solved.pairs) pairs.push_back(&pair);
  double nll = 0;
  int64_t tokens = 0;
  for (const SolvedPair& pair : solved.pairs) {
    const std::vector<Sequence> one{{.prompt = pair.prompt, .response = pair.response}};
    const SequenceScores scores = score_sequences(policy.model, one, {})[0];
    for (const float logprob : scores.logprobs) {
      nll -= logprob;
      ++tokens;
    }
  }

  want_gradients(policy.model);
  const SftStep whole = accumulate_sft_gradients(policy.model, pairs, {.micro_batch_tokens = 8192});
  const model::Weights wanted = gradients_of(policy.model);
  want_gradients(policy.model);
  const SftStep parts = accumulate_sft_gradients(policy.model, pairs, {.micro_batch_tokens = 1});

  EXPECT_EQ(whole.num_tokens, tokens);
  EXPECT_NEAR(whole.loss, nll / static_cast<double>(tokens), 1e-6);  // scores are float32
  EXPECT_NEAR(parts.loss, whole.loss, 1e-12);
  EXPECT_LT(relative_difference(gradients_of(policy.model), wanted), 1e-12);
}

TEST(SftGradients, KeepLogitsAsTheConfigurationSays) {
  // 800 rows of 16,000 float32 are 51 MB of logits, in blocks of a third of that.
  const model::Transformer model = tiny_model({.vocab_size = 16'000});
  const SolvedPair pair{.prompt = {1, 2, 3}, .response = std::vector<int32_t>(800, 7)};
  const std::vector<const SolvedPair*> pairs{&pair};
  const auto peak = [&](int64_t kept_logits_mb) {
    want_gradients(model);
    const TensorMemory memory;
    EXPECT_TRUE(accumulate_sft_gradients(model, pairs, {.kept_logits_mb = kept_logits_mb}).finite);
    return memory.peak();
  };

  EXPECT_GT(peak(100), peak(0) + 25'000'000);
}

TEST(SftTrainer, UsesEveryPairOnceAnEpoch) {
  const TempFolder temp;
  SftRun run;
  run.config.optimizer.learning_rate = 0;  // so the loss of an epoch depends on its pairs alone
  run.config.run.sequences_per_step = 1;
  run.config.run.num_epochs = 2;
  run.config.checkpoint.every_steps = 0;

  const RunEnd end = run_sft(temp.path() / "run", run);

  ASSERT_EQ(end.metrics.size(), 14U);
  std::vector<double> first, second;
  for (size_t i = 0; i < 7; ++i) {
    first.push_back(end.metrics[i].at("loss/total"));
    second.push_back(end.metrics[7 + i].at("loss/total"));
  }
  EXPECT_NE(first, second);  // an order of its own each epoch
  EXPECT_EQ(std::set<double>(first.begin(), first.end()),
            std::set<double>(second.begin(), second.end()));
  EXPECT_EQ(std::set<double>(first.begin(), first.end()).size(), 7U);
}

TEST(SftTrainer, AfterAStopGivesTheRunThatNeverStopped) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const TempFolder temp;
    SftRun run;
    run.talker.model.dtype = dtype;
    const RunEnd whole = run_sft(temp.path() / "whole", run);
    ASSERT_EQ(whole.error, "");

    for (const int64_t stop : {1, 4, 8}) {
      const fs::path folder = temp.path() / std::to_string(stop);
      SftRun stopped = run;
      stopped.stop_after = stop;
      EXPECT_THAT(run_sft(folder, stopped).error, HasSubstr("--resume"));
      SftRun resumed = run;
      resumed.resume = true;

      const RunEnd end = run_sft(folder, resumed);

      EXPECT_EQ(end.error, "");
      EXPECT_EQ(end.metrics, whole.metrics);
      EXPECT_EQ(files_of(folder), files_of(temp.path() / "whole"));
      expect_same_weights(end.weights, whole.weights);
    }
  }
}

TEST(SftTrainer, EndsAtALossThatIsNotFiniteWithTheLastGoodCheckpoint) {
  const TempFolder temp;
  SftRun run;
  run.config.optimizer.learning_rate = 1e15;
  run.config.schedule.warmup_steps = 0;

  const RunEnd end = run_sft(temp.path() / "run", run);

  EXPECT_THAT(end.error, HasSubstr("not finite"));
  EXPECT_EQ(end.metrics.size(), 1U);
}

// Each master is what the weight was rounded from, and rounding alone lies between them.
TEST(SftTrainer, LearnsInBfloat16WithMastersThatRoundToTheWeights) {
  const TempFolder temp;
  SftRun run;
  run.talker.model.dtype = at::kBFloat16;
  run.num_problems = 4;
  run.config.run.num_epochs = 30;
  run.config.run.sequences_per_step = 4;
  run.config.schedule.kind = "constant";

  const RunEnd end = run_sft(temp.path() / "run", run);

  ASSERT_EQ(end.metrics.size(), 30U);
  EXPECT_LT(end.metrics.back().at("loss/total").get<double>(),
            0.5 * end.metrics.front().at("loss/total").get<double>());
  const model::Weights state =
      model::load_safetensors(temp.path() / "run/checkpoints/000030/trainer.safetensors");
  double rounded_away = 0;
  for (const auto& [name, weight] : end.weights) {
    ASSERT_EQ(weight.scalar_type(), at::kBFloat16);
    const at::Tensor& master = state.at("master." + name);
    EXPECT_EQ(master.scalar_type(), at::kFloat);
    EXPECT_TRUE(master.to(at::kBFloat16).equal(weight)) << name;
    rounded_away += (master - weight.to(at::kFloat)).abs().sum().item<double>();
  }
  EXPECT_GT(rounded_away, 0);
}

}  // namespace
}  // namespace stratagram::train
