// Made-up prompts and groups.
#include "speed/subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_run.h"

namespace stratagram::speed {
namespace {

TEST(RandomPrompts, AreTheSameEachTimeAndDifferFromEachOther) {
  const rollout::Policy policy = talker();

  const std::vector<Prompt> prompts = random_prompts(policy, 3, 20);

  EXPECT_EQ(prompts[2].token_ids, random_prompts(policy, 3, 20)[2].token_ids);
  EXPECT_NE(prompts[0].token_ids, prompts[1].token_ids);
  for (const Prompt& prompt : prompts) {
    EXPECT_EQ(prompt.token_ids.size(), 20);
    EXPECT_THAT(prompt.token_ids, testing::Each(testing::Lt(policy.tokenizer.vocab_size())));
  }
}

TEST(ProblemPrompts, AreTheFirstProblemsAndWantEnoughOfThem) {
  const rollout::Policy policy = talker();
  const TempFolder folder;
  const auto file = folder.write("problems.jsonl",
                                 R"({"id": "a", "problem": "one", "answer": "1"})"
                                 "\n"
                                 R"({"id": "b", "problem": "two", "answer": "2"})");

  const std::vector<Prompt> prompts = problem_prompts(policy, file, 1);

  ASSERT_EQ(prompts.size(), 1);
  EXPECT_EQ(prompts[0].text, "one");
  EXPECT_EQ(prompts[0].token_ids, policy.prompt("a", "", "one").token_ids);
  expect_error([&] { (void)problem_prompts(policy, file, 3); },
               ErrorKind::kConfig,
               "problems.jsonl: wanted 3 problems, found 2; give fewer --prompts");
}

TEST(RandomGroups, HaveAdvantagesOfBothSigns) {
  const rollout::Policy policy = talker();

  const std::vector<Group> groups =
      random_groups(random_prompts(policy, 2, 3), {.group = 3, .tokens = 5, .vocab_size = 40});

  ASSERT_EQ(groups.size(), 2);
  ASSERT_EQ(groups[1].trajectories.size(), 3);
  EXPECT_EQ(groups[1].trajectories[2].completion.token_ids.size(), 5);
  EXPECT_NE(groups[0].trajectories[0].completion.token_ids,
            groups[1].trajectories[0].completion.token_ids);
  EXPECT_THAT(groups[0].trajectories[0].advantages, testing::Each(1.0F));
  EXPECT_THAT(groups[0].trajectories[1].advantages, testing::Each(-1.0F));
}

TEST(SmallPart, CutsGroupsResponsesAndTokens) {
  const rollout::Policy policy = talker();
  const std::vector<Group> groups =
      random_groups(random_prompts(policy, 3, 9), {.group = 3, .tokens = 8, .vocab_size = 40});

  const std::vector<Group> small = small_part(groups, 4);

  ASSERT_EQ(small.size(), 2);
  ASSERT_EQ(small[1].trajectories.size(), 2);
  EXPECT_EQ(small[1].prompt.token_ids.size(), 4);
  const Trajectory& trajectory = small[1].trajectories[1];
  const auto& whole = groups[1].trajectories[1].completion.token_ids;
  EXPECT_EQ(trajectory.completion.token_ids,
            std::vector<int32_t>(whole.begin(), whole.begin() + 4));
  EXPECT_EQ(trajectory.completion.logprobs.size(), 4);
  EXPECT_EQ(trajectory.advantages.size(), 4);
}

}  // namespace
}  // namespace stratagram::speed
