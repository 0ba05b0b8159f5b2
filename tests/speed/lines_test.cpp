// The figures of tiny models: that they are of what they say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "speed/decode.h"
#include "speed/grpo_step.h"
#include "speed/head.h"
#include "speed/subject.h"
#include "speed/training_pass.h"
#include "tests/support/expect_error.h"
#include "tests/support/tensor_memory.h"
#include "tests/support/tiny_run.h"

namespace stratagram::speed {
namespace {

TEST(MeasureDecode, GivesRatesThatFitTheSeconds) {
  const rollout::Policy policy = talker();
  const DecodeShape shape{.sequences = 2, .prompt_tokens = 3, .new_tokens = 60};

  const DecodeSpeed speed = measure_decode(policy, shape);

  // prompts / their rate + the other new tokens / theirs is the whole again; no response ended
  // early, or this sum would be another.
  EXPECT_NEAR(2 * 3 / speed.prompt_tokens_per_s + 2 * 59 / speed.new_tokens_per_s,
              speed.seconds,
              1e-9 * speed.seconds);
}

TEST(MeasureDecode, WantsTwoTokensOrMore) {
  const rollout::Policy policy = talker();

  expect_error(
      [&] { (void)measure_decode(policy, {.sequences = 1, .prompt_tokens = 3, .new_tokens = 1}); },
      ErrorKind::kInternal,
      "wanted 2 new tokens or more, got 1");
}

TEST(MeasureTrainingPass, CountsAGroupsPromptOnceAndTheLastTokensNot) {
  const rollout::Policy policy = talker();
  const std::vector<Group> groups =
      random_groups(random_prompts(policy, 2, 7),
                    {.group = 3, .tokens = 5, .vocab_size = policy.model.config().vocab_size});

  // Both groups in a micro-batch, or each in its own.
  for (const int64_t micro_batch_tokens : {2048, 20}) {
    const PassSpeed speed =
        measure_training_pass(policy.model, groups, {.micro_batch_tokens = micro_batch_tokens});

    EXPECT_EQ(speed.num_tokens, 2 * (7 + 3 * (5 - 1)));
    EXPECT_GT(speed.seconds, 0.0);
    EXPECT_GE(speed.mean_seconds, speed.seconds);
    EXPECT_GT(speed.gemm.mean, 0.0);
    EXPECT_GE(speed.gemm.best, speed.gemm.mean);
    EXPECT_DOUBLE_EQ(speed.tokens_per_s(), static_cast<double>(speed.num_tokens) / speed.seconds);
  }
  for (const auto& [name, weight] : policy.model.weights()) {
    EXPECT_FALSE(weight.grad().defined()) << name;
  }
}

TEST(MeasureGrpoStep, HasPartsThatAddUpAndChangesTheWeights) {
  rollout::Policy policy = talker();
  const model::Weights before = cloned(policy.model.weights());

  const StepSpeed step = measure_grpo_step_(
      policy, random_prompts(policy, 2, 4), {.group = 3, .tokens = 6, .num_steps = 2});

  EXPECT_NEAR(step.rollout + step.credit + step.passes + step.optimizer, step.seconds, 1e-9);
  for (const double part : {step.rollout, step.credit, step.passes, step.optimizer}) {
    EXPECT_GT(part, 0.0);
  }
  EXPECT_EQ(step.num_prompt_tokens, 2 * 4);
  EXPECT_EQ(step.num_response_tokens, 2 * 3 * 6);
  EXPECT_NEAR(step.gap, 1.0, 1e-3);
  EXPECT_GT(step.peak_bytes, 10'000'000);
  EXPECT_FALSE(same_weights(before, policy.model.weights()));
}

TEST(MeasureGrpoStep, ComputesLayersAgainWhereThatIsAsked) {
  const auto peak = [](bool recompute_layers) {
    rollout::Policy policy = talker({.model = {.vocab_size = 0, .num_layers = 12}});
    const TensorMemory memory;
    (void)measure_grpo_step_(
        policy,
        random_prompts(policy, 2, 4),
        {.group = 4, .tokens = 100, .num_steps = 1, .recompute_layers = recompute_layers});
    return memory.peak();
  };

  EXPECT_LT(peak(true), peak(false) * 3 / 4);
}

class MeasureHead : public testing::TestWithParam<at::ScalarType> {};

TEST_P(MeasureHead, TakesNoMemoryOfTheSizeOfAllLogits) {
  // All logits in float32 are 262 MB; of them 16 MB of columns are held at once.
  const HeadShape shape{.vocab_size = 64'000, .width = 32, .rows = 1024};

  const HeadCost cost = measure_head(shape, GetParam());

  EXPECT_GT(cost.seconds, 0.0);
  EXPECT_GE(cost.extra_bytes, 0);
  if (!cost.peak_is_its_own) GTEST_SKIP() << "this system does not let a process reset its peak";
  EXPECT_LT(cost.extra_bytes, 80'000'000);
}

INSTANTIATE_TEST_SUITE_P(Dtypes, MeasureHead, testing::Values(at::kFloat, at::kBFloat16));

}  // namespace
}  // namespace stratagram::speed
