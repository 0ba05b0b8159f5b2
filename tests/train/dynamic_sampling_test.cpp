#include "train/dynamic_sampling.h"

#include <gmock/gmock.h>

#include "tests/support/expect_error.h"

namespace stratagram::train {
namespace {

using testing::ElementsAre;

Group group_of(const std::string& id, const std::vector<double>& rewards) {
  Group group;
  group.problem.id = id;
  for (const double reward : rewards) {
    group.trajectories.emplace_back();
    group.trajectories.back().judgement.reward = reward;
  }
  return group;
}

std::vector<std::string> ids(std::span<const Group> groups) {
  std::vector<std::string> names;
  for (const Group& group : groups) names.push_back(group.problem.id);
  return names;
}

TEST(HasSpread, LooksAtRewardsAndNotAtVerdicts) {
  EXPECT_FALSE(has_spread(group_of("a", {0.1, 0.1, 0.1})));
  EXPECT_TRUE(has_spread(group_of("b", {0.0, 0.0, -0.5})));
  EXPECT_FALSE(has_spread(group_of("c", {1.0})));
}

TEST(DynamicSampling, TakesOneBatchAsItIsWhenOff) {
  DynamicSampling gathering({.enabled = false}, 2);

  gathering.add({group_of("a", {1, 1}), group_of("b", {0, 1}), group_of("c", {0, 0})});

  EXPECT_FALSE(gathering.wants_more());
  DrawnStep step = gathering.take();
  EXPECT_EQ(step.num_used, 3);
  EXPECT_THAT(ids(step.groups), ElementsAre("a", "b", "c"));
}

TEST(DynamicSampling, DrawsUntilEnoughGroupsHaveSpread) {
  DynamicSampling gathering({.enabled = true, .max_batches = 5}, 2);

  gathering.add({group_of("a", {1, 1}), group_of("b", {0, 1})});
  EXPECT_TRUE(gathering.wants_more());
  gathering.add({group_of("c", {0, 1}), group_of("d", {1, 0})});

  EXPECT_FALSE(gathering.wants_more());
  DrawnStep step = gathering.take();
  EXPECT_THAT(ids(step.used()), ElementsAre("b", "c"));
  EXPECT_THAT(ids(step.groups), ElementsAre("b", "c", "d", "a"));  // measured: all
}

TEST(DynamicSampling, GoesOnWithFewerGroupsWhenTheBatchesRunOut) {
  DynamicSampling gathering({.enabled = true, .max_batches = 2}, 3);

  gathering.add({group_of("a", {1, 1})});
  gathering.add({group_of("b", {0, 1})});

  EXPECT_FALSE(gathering.wants_more());
  EXPECT_THAT(ids(gathering.take().used()), ElementsAre("b"));
}

TEST(DynamicSampling, GivesAStepWithoutSpreadRatherThanNone) {
  DynamicSampling gathering({.enabled = true, .max_batches = 2}, 2);

  gathering.add({group_of("a", {1, 1}), group_of("b", {0, 0})});
  gathering.add({group_of("c", {1, 1})});

  EXPECT_THAT(ids(gathering.take().used()), ElementsAre("a", "b"));
}

TEST(DynamicSampling, RefusesABatchThatIsNotWanted) {
  DynamicSampling gathering({.enabled = true}, 1);
  gathering.add({group_of("a", {0, 1})});

  expect_error([&] { gathering.add({}); }, ErrorKind::kInternal, "batch 1 is not wanted");
}

}  // namespace
}  // namespace stratagram::train
