#include "train/responses.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "credit/credit_rule.h"
#include "tests/support/credit_steps.h"
#include "tests/support/expect_error.h"

namespace stratagram::train {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

std::vector<Group> credited_step(const StepOptions& options = {}) {
  std::vector<Group> step = made_up_step(options);
  credit::make_credit_rule({})->assign(step);
  return step;
}

int64_t num_tokens(const Group& group) {
  int64_t count = 0;
  for (const Trajectory& trajectory : group.trajectories) {
    count += static_cast<int64_t>(trajectory.completion.token_ids.size());
  }
  return count;
}

TEST(Flatten, KeepsGroupsAndTokensInOrder) {
  const std::vector<Group> step = credited_step();

  const std::vector<Response> responses = flatten(step, {});

  ASSERT_THAT(responses, SizeIs(12));
  EXPECT_EQ(responses[5].group, 1);
  EXPECT_EQ(responses[5].sequence.response.data(),
            step[1].trajectories[1].completion.token_ids.data());
  EXPECT_EQ(responses[5].sequence.prompt.data(), step[1].prompt.token_ids.data());
  EXPECT_EQ(responses[5].old_logprobs, step[1].trajectories[1].completion.logprobs);
}

TEST(Flatten, NamesTheResponseWithoutAdvantages) {
  const std::vector<Group> step = made_up_step();

  expect_error(
      [&] { (void)flatten(step, {}); }, ErrorKind::kInternal, "problem 'problem-0', sample 0:");
}

TEST(PlanUpdate, SkipsGroupsWithoutSpreadButCountsTheirTokens) {
  std::vector<Group> step = made_up_step();
  for (Trajectory& trajectory : step[1].trajectories) trajectory.judgement.reward = 1;
  credit::make_credit_rule({})->assign(step);
  const std::vector<Response> responses = flatten(step, {});

  const Update update = plan_update(responses, std::vector<int64_t>{0, 1}, {}, 9);

  EXPECT_EQ(update.num_skipped, 4);
  EXPECT_EQ(update.num_tokens, num_tokens(step[0]) + num_tokens(step[1]));
  EXPECT_THAT(update.weights, Each(1.0 / static_cast<double>(update.num_tokens)));
  for (const int64_t index : update.responses) EXPECT_EQ(responses[index].group, 0);
}

TEST(PlanUpdate, SkipsNothingWhenEveryTokenHasAGradient) {
  std::vector<Group> step = made_up_step();
  for (Group& group : step) {
    for (Trajectory& trajectory : group.trajectories) trajectory.judgement.reward = 1;
  }
  credit::make_credit_rule({})->assign(step);
  const std::vector<Response> responses = flatten(step, {});
  const std::vector<int64_t> groups{0, 1, 2};

  EXPECT_THAT(plan_update(responses, groups, {}, 9).responses, SizeIs(0));
  EXPECT_THAT(plan_update(responses, groups, {.entropy_coefficient = 0.1}, 9).responses,
              SizeIs(12));
  EXPECT_THAT(plan_update(responses, groups, {.kl_coefficient = 0.1}, 9).responses, SizeIs(12));
}

TEST(PlanUpdate, TakesDroppedResponsesOutOfTheDenominator) {
  std::vector<Group> step = credited_step({.num_groups = 1});
  step[0].trajectories[0].completion.finish = Finish::kLength;
  const auto cut = static_cast<int64_t>(step[0].trajectories[0].completion.token_ids.size());
  const std::vector<int64_t> groups{0};

  const LossConfig drop{.overlong = "drop"};
  const Update dropped = plan_update(flatten(step, drop), groups, drop, 9);
  const Update kept = plan_update(flatten(step, {}), groups, {}, 9);

  EXPECT_EQ(dropped.num_dropped, 1);
  EXPECT_EQ(kept.num_dropped, 0);
  EXPECT_EQ(dropped.num_tokens, kept.num_tokens - cut);
  EXPECT_EQ(dropped.responses.size() + 1, kept.responses.size());
}

TEST(CutIntoUpdates, UsesEveryGroupOnceInEachEpoch) {
  const auto updates = cut_into_updates(10, {.inner_epochs = 2, .mini_batches = 3}, 7, 4);

  ASSERT_THAT(updates, SizeIs(6));
  for (size_t epoch = 0; epoch < 2; ++epoch) {
    std::multiset<int64_t> seen;
    for (size_t part = 0; part < 3; ++part) {
      const std::vector<int64_t>& groups = updates[3 * epoch + part];
      EXPECT_TRUE(groups.size() == 3 || groups.size() == 4);
      seen.insert(groups.begin(), groups.end());
    }
    EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  }
}

TEST(CutIntoUpdates, OrdersGroupsAnewByEpochStepAndSeed) {
  const UpdateConfig config{.inner_epochs = 2};
  const auto updates = cut_into_updates(20, config, 7, 4);

  EXPECT_EQ(updates, cut_into_updates(20, config, 7, 4));
  EXPECT_NE(updates[0], updates[1]);
  EXPECT_NE(updates[0], cut_into_updates(20, config, 7, 5)[0]);
  EXPECT_NE(updates[0], cut_into_updates(20, config, 8, 4)[0]);
}

TEST(CutIntoUpdates, MakesNoEmptyUpdate) {
  EXPECT_THAT(cut_into_updates(2, {.mini_batches = 5}, 7, 4), Each(SizeIs(1)));
  EXPECT_THAT(cut_into_updates(0, {.mini_batches = 5}, 7, 4), SizeIs(0));
}

}  // namespace
}  // namespace stratagram::train
