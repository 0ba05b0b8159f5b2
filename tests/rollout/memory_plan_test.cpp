#include "rollout/memory_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/kv_cache.h"
#include "model/tensor_pages.h"
#include "rollout/engine.h"
#include "tests/support/expect_error.h"
#include "tests/support/tensor_memory.h"
#include "tests/support/tiny_model.h"

namespace stratagram::rollout {
namespace {

using ::testing::HasSubstr;

constexpr RolloutShape kShape{
    .longest_prompt = 10, .num_prompts = 3, .num_responses = 12, .max_new_tokens = 22};

TEST(MemoryPlan, IsTheSumOfItsPartsAndEachPartIsWhatItSays) {
  const model::Transformer model = tiny_model();

  const MemoryPlan plan =
      plan_memory(model, {.max_sequences = 8, .block_tokens = 4, .memory_budget_mb = 50}, kShape);

  // 8 responses of 32 tokens, 3 prompts of 10, and as many prompts with a response each ahead.
  EXPECT_EQ(plan.blocks_wanted, 8 * 8 + 3 * 3 + 3 * (8 + 3));
  EXPECT_EQ(plan.num_blocks, plan.blocks_wanted);
  EXPECT_EQ(plan.weights, model.num_parameters() * 4);
  // Keys and values of 2 layers, 2 heads of width 10, float32, 4 tokens a block.
  EXPECT_EQ(plan.key_values, plan.num_blocks * 4 * 2 * 2 * 2 * 10 * 4);
  EXPECT_EQ(plan.budget, 50'000'000);
  EXPECT_EQ(plan.packed, 0) << "its weights are too small to pack";
  EXPECT_EQ(plan.total(), plan.weights + plan.key_values + plan.working);
}

TEST(MemoryPlan, PacksTheWeightsWhereThereIsRoomForThemBesideKeysAndValues) {
  const model::Transformer model = tiny_model({.vocab_size = 300, .wide = true});
  EngineConfig config{.max_sequences = 8, .block_tokens = 4, .memory_budget_mb = 500};
  const MemoryPlan roomy = plan_memory(model, config, kShape);
  config.memory_budget_mb = roomy.total() / 1'000'000 - 1;
  const MemoryPlan tight = plan_memory(model, config, kShape);

  ASSERT_TRUE(model.can_pack());
  EXPECT_EQ(roomy.packed, roomy.weights);
  EXPECT_EQ(roomy.total(), 2 * roomy.weights + roomy.key_values + roomy.working);
  EXPECT_EQ(tight.packed, 0);
  EXPECT_EQ(tight.num_blocks, roomy.num_blocks);
}

TEST(MemoryPlan, GrowsLinearlyWithTheLengthBudget) {
  const model::Transformer model = tiny_model();
  const EngineConfig config{.max_sequences = 8, .block_tokens = 4, .memory_budget_mb = 500};
  const auto key_values = [&](int64_t max_new_tokens) {
    RolloutShape shape = kShape;
    shape.max_new_tokens = max_new_tokens;
    return plan_memory(model, config, shape).key_values;
  };

  EXPECT_EQ(key_values(222) - key_values(122), key_values(322) - key_values(222));
  EXPECT_GT(key_values(222), key_values(122));
}

TEST(MemoryPlan, TakesFewerBlocksThanWantedWhenTheBudgetIsSmallAndSaysSo) {
  const model::Transformer model = tiny_model({.num_layers = 30});
  const EngineConfig config{.max_sequences = 64, .block_tokens = 4, .memory_budget_mb = 2};
  RolloutShape shape = kShape;
  shape.num_responses = 64;

  const MemoryPlan plan = plan_memory(model, config, shape);

  EXPECT_LT(plan.num_blocks, plan.blocks_wanted);
  EXPECT_LE(plan.total(), plan.budget);
  EXPECT_GE(plan.num_blocks, 3 + 8);
  EXPECT_THAT(plan.text(), HasSubstr(" of " + std::to_string(plan.blocks_wanted) + " wanted"));
  EXPECT_THAT(plan.text(), HasSubstr("of 2 MB"));
}

TEST(MemoryPlan, SaysInNumbersWhatIsWantedAndWhatThereIs) {
  const model::Transformer model = tiny_model({.num_layers = 40});
  RolloutShape shape = kShape;
  shape.max_new_tokens = 20000;

  expect_error(
      [&] { (void)plan_memory(model, {.max_sequences = 1, .memory_budget_mb = 20}, shape); },
      ErrorKind::kDevice,
      // 20010 tokens are 1251 blocks of 16, a prompt is one more: 1252 * 16 * 40 * 2 * 20 * 4
      // bytes.
      "one response of 10 + 20000 tokens needs weights 1 MB + keys and values 129 MB + working 1 "
      "MB, the budget is 20 MB");
}

TEST(FreeMemory, GivesBackFirstWhatIsKeptForFurtherTensors) {
  model::TensorPages& pages = model::tensor_pages();
  pages.allocate(5'000'000).clear();
  ASSERT_GT(pages.kept(), 0);

  (void)free_memory(at::kCPU);

  EXPECT_EQ(pages.kept(), 0);
}

TEST(Engine, GivesItsMemoryBackToTheSystem) {
  const model::Transformer model = tiny_model();
  const text::Tokenizer tokenizer = text::Tokenizer::from_json_file(
      std::string(STRATAGRAM_TEST_DATA) + "/text/qwen2/tokenizer.json");
  Engine engine(model, tokenizer, {}, {});
  model::TensorPages& pages = model::tensor_pages();
  pages.allocate(5'000'000).clear();
  ASSERT_GT(pages.kept(), 0);

  engine.release();

  EXPECT_EQ(pages.kept(), 0);
}

TEST(MemoryPlan, FitsIntoWhatIsFreeWithoutABudget) {
  const MemoryPlan plan = plan_memory(tiny_model(), {.max_sequences = 4}, kShape);

  EXPECT_GT(plan.budget, 0);
  EXPECT_GT(available_memory(), 0);
}

// Counted in tensors: the resident memory of a process grows by pages that earlier tests left or
// took, and by a header a tensor, which together are as large as the working memory here.
TEST(MemoryPlan, IsAboveTheMeasuredPeakOfARollout) {
  const text::Tokenizer tokenizer = text::Tokenizer::from_json_file(
      std::string(STRATAGRAM_TEST_DATA) + "/text/qwen2/tokenizer.json");
  const model::Transformer model =
      tiny_model({.vocab_size = tokenizer.vocab_size(), .num_layers = 100, .scale = 0.1});
  const std::vector<int32_t> ends{tokenizer.id_of("<|im_end|>").value()};
  Engine engine(model, tokenizer, ends, {.max_sequences = 16});
  const std::string text = "Wait, let me check the sum again.";
  const std::vector<Request> requests{
      {.prompt = {.problem_id = "p", .text = text, .token_ids = tokenizer.encode(text, false).ids},
       .num_samples = 16}};
  const SamplingConfig sampling{.max_new_tokens = 200};
  const MemoryPlan plan = engine.plan(requests, sampling);
  const TensorMemory memory;

  (void)engine.generate(requests, sampling, {});

  EXPECT_GT(plan.key_values, 50'000'000);
  EXPECT_GT(memory.peak(), plan.key_values);
  EXPECT_LT(memory.peak(), plan.key_values + plan.working);
}

// What a first rollout holds is not free, but the next one has it.
TEST(MemoryPlan, CountsHeldKeysAndValuesIntoTheBudgetOfTheNextRollout) {
  const model::Transformer model = tiny_model();
  const int64_t held = int64_t{1} << 50;  // far beyond what is free and what others take meanwhile
  RolloutShape shape = kShape;
  shape.held_key_values = held;

  const MemoryPlan plan = plan_memory(model, {.max_sequences = 8, .block_tokens = 4}, shape);

  EXPECT_GT(plan.budget, held);
  EXPECT_LT(plan.budget, held + (int64_t{1} << 49));
}

}  // namespace
}  // namespace stratagram::rollout
