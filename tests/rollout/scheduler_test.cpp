#include "rollout/scheduler.h"

#include <gtest/gtest.h>

#include <vector>

namespace stratagram::rollout {
namespace {

constexpr PassHeights kHeights{.prompts = 64, .responses = 16};

std::vector<Request> requests_of(const std::vector<int64_t>& prompt_lengths, int64_t num_samples) {
  std::vector<Request> requests;
  for (const int64_t length : prompt_lengths) {
    Request request{.prompt = {}, .num_samples = num_samples};
    request.prompt.token_ids.assign(length, 7);
    requests.push_back(std::move(request));
  }
  return requests;
}

// Starts all samples that can, as the engine does.
void start_all(Scheduler& scheduler) {
  while (PrefillGroup* group = scheduler.startable_group()) {
    BlockCopy copy;
    scheduler.start(*group, Response(group->samples_started, 0), copy);
  }
  scheduler.drop_spent_groups();
}

TEST(Scheduler, ReadsAsManyPromptsInOnePassAsItsRowsHold) {
  const std::vector<Request> requests = requests_of({30, 20, 40, 60}, 1);
  const EngineConfig config{.max_sequences = 2, .block_tokens = 4};
  Scheduler scheduler(requests, {.max_new_tokens = 8}, config, kHeights, 200);

  const auto pass = scheduler.next_prompt_pass();

  ASSERT_TRUE(pass.has_value());
  EXPECT_EQ(pass->num_rows(), 64);
  ASSERT_EQ(pass->completed.size(), 2U);
  EXPECT_EQ(pass->completed[0].second, 29);
  EXPECT_EQ(pass->completed[1].second, 49);
  EXPECT_EQ(pass->batch.rows[50].context, 1);  // the third has begun
  EXPECT_EQ(pass->batch.rows[63].context, 14);
}

TEST(Scheduler, ReadsNoPromptWhileAKnownOneWaits) {
  const std::vector<Request> requests = requests_of({30, 20, 40, 60}, 1);
  const EngineConfig config{.max_sequences = 1, .block_tokens = 4};
  Scheduler scheduler(requests, {.max_new_tokens = 8}, config, kHeights, 200);
  const auto pass = scheduler.next_prompt_pass();
  for (const auto& [group, row] : pass->completed) group->ready = true;

  EXPECT_FALSE(scheduler.next_prompt_pass().has_value());
  start_all(scheduler);
  EXPECT_FALSE(scheduler.next_prompt_pass().has_value()) << "every row is taken";
  EXPECT_EQ(scheduler.sequences().size(), 1U);
  scheduler.finish(0);
  EXPECT_FALSE(scheduler.next_prompt_pass().has_value()) << "the second prompt is known";
  EXPECT_NE(scheduler.startable_group(), nullptr);
}

// What a later prompt takes ahead of its turn must not keep an earlier group's samples waiting.
TEST(Scheduler, ReadsAheadOnlyIntoBlocksThatNoWaitingSampleNeeds) {
  const std::vector<Request> requests = requests_of({8, 8, 8, 8, 8, 8}, 4);
  const EngineConfig config{.max_sequences = 4, .block_tokens = 4};
  // A prompt takes 2 blocks, a response 2 more; four responses at once and one prompt: 10.
  Scheduler scheduler(requests, {.max_new_tokens = 8}, config, kHeights, 10);

  const auto pass = scheduler.next_prompt_pass();
  ASSERT_TRUE(pass.has_value());
  EXPECT_EQ(pass->completed.size(), 1U);
  for (const auto& [group, row] : pass->completed) group->ready = true;
  start_all(scheduler);

  EXPECT_EQ(scheduler.sequences().size(), 4U);
}

TEST(Scheduler, PadsEveryPassToItsHeight) {
  const std::vector<Request> requests = requests_of({5}, 1);
  const EngineConfig config{.max_sequences = 3, .block_tokens = 4};
  Scheduler scheduler(requests, {.max_new_tokens = 8}, config, kHeights, 20);

  const auto pass = scheduler.next_prompt_pass();

  ASSERT_TRUE(pass.has_value());
  EXPECT_EQ(pass->num_rows(), kHeights.prompts);
  EXPECT_EQ(pass->batch.rows[4].sequence, 0);
  EXPECT_EQ(pass->batch.rows[5].sequence, -1);
  EXPECT_EQ(pass->positions.size(), pass->tokens.size());
}

}  // namespace
}  // namespace stratagram::rollout
