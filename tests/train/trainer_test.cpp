// The step loop as a whole: what a run of a tiny policy writes, and what must not change it.
#include "train/trainer.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/file.h"
#include "model/weights.h"
#include "reward/grader.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_run.h"
#include "train/score.h"

namespace stratagram::train {
namespace {

using nlohmann::json;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;
using ::testing::StartsWith;

RunEnd run_in(const std::filesystem::path& folder, const TinyRun& run) {
  RunEnd end = run_tiny(folder, run);
  EXPECT_EQ(end.error, "");
  return end;
}

RunEnd run_anywhere(const TinyRun& run) {
  const TempFolder temp;
  return run_in(temp.path() / "run", run);
}

std::vector<std::string> ids_of_step(const std::filesystem::path& folder, int64_t step) {
  std::vector<std::string> ids;
  for (const json& row : rollout_rows(folder, step)) {
    const auto id = row.at("problem_id").get<std::string>();
    if (ids.empty() || ids.back() != id) ids.push_back(id);
  }
  return ids;
}

// Definitions, section 5, and nothing of it missing in a step that has data for all.
TEST(Trainer, WritesEveryNameOfTheDefinitionsInAStepThatHasTheData) {
  TinyRun run;
  run.config.run.num_steps = 1;
  run.config.loss.entropy_coefficient = 0.01;
  run.config.loss.kl_coefficient = 0.01;
  const TempFolder temp;
  (void)run_in(temp.path() / "run", run);

  const std::string line = read_file(temp.path() / "run/metrics.jsonl");
  const json record = json::parse(line);
  std::vector<std::string> names;
  for (const auto& [name, value] : record.items()) names.push_back(name);

  EXPECT_THAT(line, StartsWith(R"({"step":0,)"));
  EXPECT_THAT(names,
              IsSupersetOf({"ppl/planning",
                            "ppl/execution",
                            "relative_ppl/planning",
                            "relative_ppl/execution",
                            "entropy/planning",
                            "entropy/execution",
                            "entropy/all",
                            "semantic_entropy/plain",
                            "semantic_entropy/miller_madow",
                            "semantic_entropy/rarefied",
                            "semantic_entropy/cluster",
                            "conditional_entropy/plain",
                            "conditional_entropy/rarefied",
                            "fork/high_given_planning",
                            "fork/planning_given_high",
                            "planning/share",
                            "reward/mean",
                            "accuracy/mean",
                            "pass_at_k/train",
                            "length/mean",
                            "length/median",
                            "length/p95",
                            "length/truncated_share",
                            "group/zero_spread_share",
                            "verdict/correct",
                            "verdict/wrong",
                            "verdict/unparseable",
                            "verdict/timeout",
                            "verdict/error",
                            "loss/total",
                            "loss/policy",
                            "loss/entropy",
                            "loss/kl",
                            "clip/low",
                            "clip/high",
                            "ratio/mean",
                            "ratio/max",
                            "gap/max",
                            "gap/mean",
                            "gap/mean_exp",
                            "grad/norm",
                            "lr",
                            "time/rollout",
                            "time/reward",
                            "time/train",
                            "time/total",
                            "speed/rollout",
                            "speed/train",
                            "memory/peak"}));
}

TEST(Trainer, LeavesOutWhatTheRunHasNoDataFor) {
  TinyRun run;
  run.config.run.num_steps = 1;
  run.config.credit.rule = "grpo";
  run.catalogue.grams = {{.text = "never written by it"}};

  const json record = run_anywhere(run).metrics.at(0);

  for (const char* name : {"ppl/planning",
                           "relative_ppl/planning",
                           "entropy/planning",
                           "semantic_entropy/plain",
                           "semantic_entropy/miller_madow",
                           "semantic_entropy/rarefied",
                           "semantic_entropy/cluster",
                           "conditional_entropy/plain",
                           "conditional_entropy/rarefied",
                           "fork/high_given_planning",
                           "loss/entropy",
                           "loss/kl",
                           "group/discarded"}) {
    EXPECT_FALSE(record.contains(name)) << name;
  }
  EXPECT_EQ(record.at("planning/share"), 0.0);
}

// One forward and one temperature in rollout and trainer, step after step, while weights move.
TEST(Trainer, HasNoGapBetweenRolloutAndTrainerInFloat32) {
  for (const char* old : {"gated", "rollout", "recomputed"}) {
    TinyRun run;
    run.config.loss.old_logprobs = old;
    run.config.sampling.temperature = 0.7;
    run.config.run.samples_per_prompt = 8;  // a step without spread has no ratio

    for (const json& record : run_anywhere(run).metrics) {
      EXPECT_LT(record.at("gap/max").get<double>(), 1e-5) << old;
      // One update a step: its policy is the one that sampled.
      EXPECT_NEAR(record.at("ratio/mean").get<double>(), 1.0, 1e-5) << old;
      EXPECT_EQ(record.at("gap/recomputed"), old == std::string("recomputed") ? 1.0 : 0.0);
    }
  }
}

// Each row holds a response to its own prompt: the model's score of it under that prompt is the one
// recorded, and the verdict is the one under that problem's answer.
TEST(Trainer, KeepsEachResponseWithItsOwnPrompt) {
  TinyRun run;
  run.config.run.num_steps = 1;
  run.config.engine.max_sequences = 3;  // fewer than responses, so places are used again
  const TempFolder temp;
  (void)run_in(temp.path() / "run", run);
  const rollout::Policy policy = talker();
  const reward::Grader grader(run.config.reward);

  const std::vector<json> rows = rollout_rows(temp.path() / "run", 0);

  ASSERT_THAT(rows, SizeIs(12));
  for (const json& row : rows) {
    const auto& problem =
        *std::find_if(run.problems.begin(), run.problems.end(), [&](const auto& p) {
          return p.id == row.at("problem_id").get<std::string>();
        });
    EXPECT_EQ(row.at("prompt"), problem.text);
    EXPECT_EQ(row.at("gold"), problem.answer);
    EXPECT_EQ(row.at("verdict"),
              verdict_name(grader
                               .judge(problem,
                                      row.at("response").get<std::string>(),
                                      finish_of(row.at("finish")).value())
                               .verdict));
    const auto response = row.at("token_ids").get<std::vector<int32_t>>();
    const Prompt prompt = policy.prompt(problem.id, "", problem.text);
    const std::vector<Sequence> sequence{{.prompt = prompt.token_ids, .response = response}};
    const SequenceScores scores = score_sequences(policy.model, sequence, {.temperature = 0.8})[0];
    for (size_t t = 0; t < response.size(); ++t) {
      // The rows keep 6 digits of numbers up to 10.
      EXPECT_NEAR(row.at("logprobs")[t].get<double>(), scores.logprobs[t], 5e-5);
    }
  }
}

TEST(Trainer, DrawsEveryProblemOnceAnEpochInAnOrderOfItsOwn) {
  const TempFolder temp;
  TinyRun run;
  run.config.run.prompts_per_step = 7;
  run.config.run.num_steps = 2;
  (void)run_in(temp.path() / "a", run);
  run.config.run.seed = 6;
  (void)run_in(temp.path() / "b", run);

  const std::vector<std::string> first = ids_of_step(temp.path() / "a", 0);

  EXPECT_THAT(std::set<std::string>(first.begin(), first.end()), SizeIs(7));
  EXPECT_NE(first, ids_of_step(temp.path() / "a", 1));  // one chance in 5,040 each, and fixed keys
  EXPECT_NE(first, ids_of_step(temp.path() / "b", 0));
}

TEST(Trainer, GoesThroughTheProblemsWhateverTheStepSize) {
  const TempFolder temp;
  TinyRun run;
  run.config.run.num_steps = 4;
  (void)run_in(temp.path() / "threes", run);
  run.config.run.prompts_per_step = 4;
  run.config.run.num_steps = 3;
  (void)run_in(temp.path() / "fours", run);

  const auto all_of = [&](const char* name, int64_t steps) {
    std::vector<std::string> ids;
    for (int64_t step = 0; step < steps; ++step) {
      for (const std::string& id : ids_of_step(temp.path() / name, step)) ids.push_back(id);
    }
    return ids;
  };

  EXPECT_EQ(all_of("threes", 4), all_of("fours", 3));
}

TEST(Trainer, GivesTheSameRunTwiceAndAnotherOneForAnotherSeed) {
  TinyRun run;
  const RunEnd once = run_anywhere(run);
  const RunEnd twice = run_anywhere(run);
  run.config.run.seed = 6;
  const RunEnd other = run_anywhere(run);

  EXPECT_EQ(once.metrics, twice.metrics);
  expect_same_weights(once.weights, twice.weights);
  EXPECT_NE(once.metrics, other.metrics);
  EXPECT_FALSE(same_weights(once.weights, other.weights));
}

TEST(Trainer, WithAlphaZeroIsGrpoBitForBit) {
  TinyRun run;
  run.config.credit.rule = "grpo";
  const RunEnd grpo = run_anywhere(run);
  run.config.credit.rule = "hicra";
  run.config.credit.alpha = 0;
  const RunEnd zero = run_anywhere(run);
  run.config.credit.alpha = 0.2;
  const RunEnd hicra = run_anywhere(run);

  EXPECT_EQ(zero.metrics, grpo.metrics);
  expect_same_weights(zero.weights, grpo.weights);
  EXPECT_FALSE(same_weights(hicra.weights, grpo.weights));
}

// The placebo's own grams are credited, while the record still tells of the strategic grams.
TEST(Trainer, UnderThePlaceboRuleIsHicraOnTheGramsOfThePlaceboBitForBit) {
  const TempFolder temp;
  TinyRun run;
  run.catalogue.grams = {{.text = "a"}};
  const RunEnd on_a = run_in(temp.path() / "hicra", run);
  run.placebo = run.catalogue;
  run.catalogue.grams = {{.text = "the"}};
  const RunEnd on_the = run_anywhere(run);  // what is credited differs from what is recorded
  run.config.credit.rule = "placebo";
  const RunEnd placebo = run_in(temp.path() / "placebo", run);

  expect_same_weights(placebo.weights, on_a.weights);
  EXPECT_FALSE(same_weights(placebo.weights, on_the.weights));
  std::set<std::string> recorded;
  for (const json& row : rollout_rows(temp.path() / "placebo", 0)) {
    for (const json& span : row.at("planning")) recorded.insert(span.at("gram"));
  }
  EXPECT_EQ(recorded, std::set<std::string>{"the"});
}

TEST(Trainer, NamesTheCatalogueThatAPlaceboRunLacks) {
  const TempFolder temp;
  TinyRun run;
  run.config.credit.rule = "placebo";

  expect_error([&] { (void)run_tiny(temp.path() / "run", run); },
               ErrorKind::kConfig,
               "credit.placebo_catalogue");
}

TEST(Trainer, LeavesTheWeightsAsTheyAreWhenAllRewardsAreEqual) {
  TinyRun run;
  run.config.run.num_steps = 2;
  run.config.reward.correct = 0;
  run.config.optimizer.weight_decay = 0;

  const RunEnd end = run_anywhere(run);

  EXPECT_EQ(end.metrics.at(0).at("group/zero_spread_share"), 1.0);
  expect_same_weights(end.weights, cloned(talker().model.weights()));
}

// First moments after one update are 1 - beta1 times the clipped gradient.
model::Weights first_moments(int64_t micro_batch_tokens) {
  const TempFolder temp;
  TinyRun run;
  run.config.run.num_steps = 1;
  run.config.update.micro_batch_tokens = micro_batch_tokens;
  (void)run_in(temp.path() / "run", run);
  model::Weights moments;
  for (const auto& [name, tensor] :
       model::load_safetensors(temp.path() / "run/checkpoints/000001/trainer.safetensors")) {
    if (name.starts_with("exp_avg.")) moments[name] = tensor;
  }
  return moments;
}

TEST(Trainer, HasTheSameGradientsWhateverTheMicroBatchSize) {
  const model::Weights whole = first_moments(8192);

  for (const int64_t tokens : {1, 40, 100}) {
    const model::Weights parts = first_moments(tokens);
    double difference = 0;
    double size = 0;
    for (const auto& [name, moment] : whole) {
      const at::Tensor exact = moment.to(at::kDouble);
      difference += (parts.at(name).to(at::kDouble) - exact).square().sum().item<double>();
      size += exact.square().sum().item<double>();
    }
    EXPECT_GT(size, 0);
    EXPECT_LT(std::sqrt(difference / size), 1e-6) << tokens;  // float32 sums in another order
  }
}

TEST(Trainer, FillsItsStepWithGroupsThatHaveSpreadUnderDynamicSampling) {
  TinyRun run;
  run.config.dynamic_sampling = {.enabled = true, .max_batches = 10};
  const TempFolder temp;

  const RunEnd end = run_in(temp.path() / "run", run);

  double discarded = 0;
  double without_spread = 0;
  for (const json& record : end.metrics) {
    const auto unused = record.at("group/discarded").get<double>();
    // The record is of every group drawn: those left out have no spread, or came after the last.
    EXPECT_LE(record.at("group/zero_spread_share").get<double>(), unused / (unused + 3));
    discarded += unused;
    without_spread += record.at("group/zero_spread_share").get<double>();
    const std::vector<json> rows = rollout_rows(temp.path() / "run", record.at("step"));
    EXPECT_THAT(rows, SizeIs(12));
    std::set<std::pair<std::string, int64_t>> keys;
    for (const json& row : rows) keys.emplace(row.at("problem_id"), row.at("sample"));
    EXPECT_THAT(keys, SizeIs(12));  // no draw is used twice
  }
  EXPECT_GT(discarded, 0);
  EXPECT_GT(without_spread, 0);
}

TEST(Trainer, WritesNoRolloutsWhenNoneAreWanted) {
  TinyRun run;
  run.config.run.num_steps = 2;
  run.config.run.max_rollout_mb = 0;
  const TempFolder temp;
  (void)run_in(temp.path() / "none", run);

  EXPECT_TRUE(std::filesystem::is_empty(temp.path() / "none/rollouts"));
}

// Nothing in a record says that a run learns; this does. Only the prompt tells which digit is
// right, so a response that was credited to another prompt would teach nothing.
TEST(Trainer, LearnsAnswersThatDependOnThePrompt) {
  TinyRun run;
  run.problems = digit_problems(2);
  run.problems[0].text = "the area";
  run.problems[1].text = "Wait, try again";
  run.config.run = {.seed = 5, .num_steps = 60, .prompts_per_step = 4, .samples_per_prompt = 8};
  run.config.checkpoint.every_steps = 0;
  run.config.schedule.kind = "constant";
  run.config.optimizer.learning_rate = 5e-3;
  run.config.engine.max_sequences = 32;

  const std::vector<json> metrics = run_anywhere(run).metrics;

  const auto mean_accuracy = [&](size_t begin, size_t end) {
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += metrics[i].at("accuracy/mean").get<double>();
    return sum / static_cast<double>(end - begin);
  };
  EXPECT_LT(mean_accuracy(0, 5), 0.5);
  // One digit for both prompts would be right half the time.
  EXPECT_GT(mean_accuracy(50, 60), 0.75);
}

}  // namespace
}  // namespace stratagram::train
