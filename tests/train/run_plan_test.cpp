#include "train/run_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "rollout/engine.h"
#include "tests/support/tiny_run.h"

namespace stratagram::train {
namespace {

int64_t prompt_tokens(const rollout::Policy& policy, const Problem& problem) {
  return static_cast<int64_t>(policy.prompt(problem.id, "", problem.text).token_ids.size());
}

TEST(PlanRun, HoldsTheLongestPromptsOfAStepWithResponsesOfFullLength) {
  const rollout::Policy policy = talker();
  std::vector<Problem> problems = digit_problems(7);
  problems[4].text = "a longer problem than the others are";
  RunConfig config = tiny_run_config();  // 3 problems a step, 4 samples each
  config.update.mini_batches = 2;        // so 2 groups an update
  config.update.micro_batch_tokens = 100'000;
  const int64_t continuation = config.sampling.max_new_tokens - 1;
  const int64_t usual = prompt_tokens(policy, problems[0]);
  const int64_t longest = prompt_tokens(policy, problems[4]);
  ASSERT_GT(longest, usual);

  const RunPlan plan = plan_run(config, {.policy = policy, .problems = problems});

  const TrainingPlan wanted = plan_passes(policy.model,
                                          nullptr,
                                          {.longest_sequence = longest + continuation,
                                           .update_tokens = longest + usual + 8 * continuation,
                                           .step_tokens = longest + 2 * usual + 12 * continuation,
                                           .micro_batch_tokens = 100'000});
  EXPECT_EQ(plan.training.activations, wanted.activations);
  EXPECT_EQ(plan.training.head, wanted.head);
  EXPECT_EQ(plan.training.key_values, plan.rollout.key_values);
  EXPECT_EQ(plan.training.rollout, plan.rollout.packed + plan.rollout.working);
  EXPECT_EQ(plan.training.resume, 0);
  EXPECT_GT(plan.training.budget, plan.training.weights);
}

TEST(PlanRun, CountsTheReferenceAndTheCheckpointOfAResume) {
  const rollout::Policy policy = talker();
  const std::vector<Problem> problems = digit_problems(3);

  const RunPlan plan =
      plan_run(tiny_run_config(),
               {.policy = policy, .reference = &policy, .problems = problems, .resumes = true});

  EXPECT_EQ(plan.training.reference, policy.model.num_parameters() * 4);
  // Weights and two moments, read beside those that are there.
  EXPECT_EQ(plan.training.resume, policy.model.num_parameters() * 12);
}

TEST(PlanRun, GivesTheRolloutABudgetThatHoldsItsKeysAndValues) {
  const rollout::Policy policy = talker();
  const std::vector<Problem> problems = digit_problems(3);
  RunConfig config = tiny_run_config();
  const RunPlan plan = plan_run(config, {.policy = policy, .problems = problems});

  config.engine.memory_budget_mb = plan.rollout_budget_mb();
  const RunPlan again = plan_run(config, {.policy = policy, .problems = problems});

  EXPECT_EQ(again.rollout.num_blocks, plan.rollout.num_blocks);
  EXPECT_LE(again.rollout.total(), again.rollout.budget);
}

// 100 blocks of 10 bytes; weights 50, packed again 40, a pass of 300, working memory of 5.
RunPlan plan_with_budget(int64_t budget) {
  return {
      .rollout = {.key_values = 1000,
                  .packed = 40,
                  .num_blocks = 100,
                  .blocks_wanted = 100,
                  .blocks_needed = 7,
                  .block_bytes = 10},
      .training = {
          .weights = 50, .key_values = 1000, .rollout = 45, .activations = 300, .budget = budget}};
}

TEST(PlanRun, CountsLogitsThatAreKept) {
  const rollout::Policy policy = talker();
  const std::vector<Problem> problems = digit_problems(3);
  RunConfig config = tiny_run_config();
  ASSERT_GT(config.update.kept_logits_mb, 0);

  const RunPlan kept = plan_run(config, {.policy = policy, .problems = problems});
  config.update.kept_logits_mb = 0;
  const RunPlan without = plan_run(config, {.policy = policy, .problems = problems});

  const int64_t tokens = kept.training.kept_logits / policy.model.config().vocab_size / 4;
  EXPECT_GE(tokens, config.update.micro_batch_tokens);
  EXPECT_EQ(kept.training.pass(), without.training.pass() + kept.training.kept_logits);
  EXPECT_EQ(without.training.kept_logits, 0);
}

TEST(ShrinkKeptLogits, TakesWhatDoesNotFitAndNothingElse) {
  const TrainingPlan plan{.weights = 50, .gradients = 100, .activations = 300, .kept_logits = 200};
  // Budget, and what is left of the kept logits; no budget is an unknown one.
  for (const auto& [budget, left] : {std::pair(0, 200),
                                     std::pair(650, 200),
                                     std::pair(649, 199),
                                     std::pair(450, 0),
                                     std::pair(100, 0)}) {
    TrainingPlan shrunk = plan;
    shrunk.budget = budget;

    shrunk.shrink_kept_logits_();

    EXPECT_EQ(shrunk.kept_logits, left) << budget;
    EXPECT_EQ(shrunk.peak(), plan.peak() - 200 + left);
  }
}

TEST(ShrinkRollouts, GivesKeysAndValuesWhatTrainingLeavesThem) {
  RunPlan plan = plan_with_budget(50 + 5 + 405);

  shrink_rollouts_(plan);

  EXPECT_EQ(plan.rollout.num_blocks, 40);
  EXPECT_EQ(plan.rollout.key_values, 400);
  EXPECT_EQ(plan.training.key_values, 400);
  EXPECT_EQ(plan.rollout.packed, 0);
  EXPECT_TRUE(plan.training.fits());
}

TEST(ShrinkRollouts, LeavesAPlanThatFitsAlone) {
  RunPlan plan = plan_with_budget(50 + 45 + 1000);

  shrink_rollouts_(plan);

  EXPECT_EQ(plan.rollout.num_blocks, 100);
  EXPECT_EQ(plan.rollout.packed, 40);
}

TEST(ShrinkRollouts, PacksNoWeightsBeforeKeysAndValuesGiveWay) {
  RunPlan plan = plan_with_budget(50 + 44 + 1000);

  shrink_rollouts_(plan);

  EXPECT_EQ(plan.rollout.num_blocks, 100);
  EXPECT_EQ(plan.rollout.packed, 0);
  EXPECT_TRUE(plan.training.fits());
}

TEST(ShrinkRollouts, KeepsRoomForOneResponseEvenWhereThatDoesNotFit) {
  RunPlan plan = plan_with_budget(60);

  shrink_rollouts_(plan);

  EXPECT_EQ(plan.rollout.num_blocks, 7);
  EXPECT_FALSE(plan.training.fits());
}

TEST(PlanSft, HoldsTheLongestPairsOfOneStep) {
  const rollout::Policy policy = talker();
  const std::vector<SolvedPair> pairs{{.prompt = {1, 2}, .response = {3, 4}},
                                      {.prompt = {1, 2, 3, 4, 5}, .response = {6, 7, 8}},
                                      {.prompt = {1, 2, 3}, .response = {4, 5}}};
  SftConfig config;
  config.run.sequences_per_step = 2;

  const TrainingPlan plan = plan_sft(config, policy, pairs, /*resumes=*/false);

  const TrainingPlan wanted = plan_passes(policy.model,
                                          nullptr,
                                          {.longest_sequence = 7,
                                           .update_tokens = 7 + 4,
                                           .step_tokens = 0,
                                           .micro_batch_tokens = 8192});
  EXPECT_EQ(plan.activations, wanted.activations);
  EXPECT_EQ(plan.head, wanted.head);
  EXPECT_EQ(plan.key_values, 0);
  EXPECT_EQ(plan.rollout, 0);
}

}  // namespace
}  // namespace stratagram::train
