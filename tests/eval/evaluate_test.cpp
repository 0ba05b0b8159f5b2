#include "eval/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reward/grader.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_run.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;

EvalOptions options_of(int64_t num_samples) {
  EvalOptions options{.num_samples = num_samples, .seed = 4};
  options.sampling.max_new_tokens = 12;
  options.engine = {.max_sequences = 8, .block_tokens = 4};
  options.reward.extraction = {"last_number"};
  return options;
}

std::vector<std::string> responses_of(const std::vector<Group>& groups) {
  std::vector<std::string> texts;
  for (const Group& group : groups) {
    for (const Trajectory& trajectory : group.trajectories) {
      texts.push_back(group.problem.id + ": " + trajectory.completion.text);
    }
  }
  return texts;
}

TEST(Evaluate, JudgesEachSampleByItsOwnProblem) {
  const rollout::Policy policy = talker();
  const std::vector<Problem> problems = digit_problems(5);
  const EvalOptions options = options_of(4);
  const reward::Grader grader(options.reward);

  const std::vector<Group> groups = evaluate(policy, problems, options);

  ASSERT_EQ(groups.size(), 5U);
  for (size_t i = 0; i < groups.size(); ++i) {
    EXPECT_EQ(groups[i].problem.id, problems[i].id);
    EXPECT_EQ(groups[i].prompt.text, problems[i].text);
    ASSERT_EQ(groups[i].trajectories.size(), 4U);
    for (int64_t s = 0; s < 4; ++s) {
      const Trajectory& trajectory = groups[i].trajectories[s];
      EXPECT_EQ(trajectory.completion.sample, s);
      EXPECT_EQ(trajectory.judgement.verdict,
                grader.judge(problems[i], trajectory.completion.text, trajectory.completion.finish)
                    .verdict);
    }
  }
}

TEST(Evaluate, ChangesNoSampleWhenProblemsOrSamplesAreAdded) {
  const rollout::Policy policy = talker();

  const std::vector<Group> few = evaluate(policy, digit_problems(3), options_of(2));
  const std::vector<Group> many = evaluate(policy, digit_problems(6), options_of(5));

  for (size_t i = 0; i < few.size(); ++i) {
    for (size_t s = 0; s < 2; ++s) {
      EXPECT_EQ(few[i].trajectories[s].completion.token_ids,
                many[i].trajectories[s].completion.token_ids);
    }
  }
}

TEST(Evaluate, GivesTheSameSamplesForEveryNumberOfSequencesAtOnce) {
  const rollout::Policy policy = talker();
  EvalOptions options = options_of(4);
  const auto wanted = responses_of(evaluate(policy, digit_problems(6), options));

  for (const int64_t max_sequences : {1, 5, 16, 40}) {
    options.engine.max_sequences = max_sequences;
    EXPECT_EQ(responses_of(evaluate(policy, digit_problems(6), options)), wanted) << max_sequences;
  }
}

TEST(Evaluate, IsGreedyAtTemperatureZeroWhateverTheSeed) {
  const rollout::Policy policy = talker();
  EvalOptions options = options_of(3);
  options.sampling.temperature = 0;
  const auto wanted = responses_of(evaluate(policy, digit_problems(4), options));
  options.seed = 5;
  const std::vector<Group> groups = evaluate(policy, digit_problems(4), options);

  EXPECT_EQ(responses_of(groups), wanted);
  for (const Group& group : groups) {
    for (const Trajectory& trajectory : group.trajectories) {
      EXPECT_EQ(trajectory.completion.token_ids, group.trajectories.front().completion.token_ids);
    }
  }
}

TEST(Evaluate, DrawsOtherSamplesUnderAnotherSeed) {
  const rollout::Policy policy = talker();
  EvalOptions options = options_of(4);
  const auto first = responses_of(evaluate(policy, digit_problems(4), options));
  options.seed = 5;

  EXPECT_NE(responses_of(evaluate(policy, digit_problems(4), options)), first);
}

TEST(Evaluate, PutsSystemAndPatternIntoThePrompt) {
  EvalOptions options = options_of(1);
  options.system = "be brief. ";
  options.prompt = "Q: {problem}?";

  const std::vector<Group> groups = evaluate(talker(), digit_problems(1), options);

  EXPECT_EQ(groups[0].prompt.text, "be brief. Q: problem 0?");
}

TEST(Evaluate, TellsItsPlanAndItsProgress) {
  std::string plan;
  int64_t responses = 0;
  const EvalObserver observer{
      .on_plan = [&](const std::string& text) { plan = text; },
      .on_progress = [&](int64_t /*tokens*/, int64_t done) { responses = done; }};

  (void)evaluate(talker(), digit_problems(3), options_of(2), observer);

  EXPECT_THAT(plan, ::testing::HasSubstr("keys and values"));
  EXPECT_EQ(responses, 6);
}

TEST(SampleRow, HoldsEveryFieldOfTheContract) {
  const Group group{.problem = {.id = "p", .text = "2+2", .answer = "4"},
                    .prompt = {.problem_id = "p", .text = "Q: 2+2", .token_ids = {1}}};
  const Trajectory trajectory{
      .completion =
          {.sample = 3, .token_ids = {7, 9}, .text = "ab", .finish = Finish::kStop, .seed = 5},
      .judgement = {.verdict = Verdict::kUnparseable, .reason = "no_answer"}};

  EXPECT_EQ(sample_row(group, trajectory).dump(),
            R"({"finish":"stop","gold":"4","length":2,"predicted":null,"problem_id":"p",)"
            R"("prompt":"Q: 2+2","reason":"no_answer","response":"ab","sample":3,"seed":5,)"
            R"("verdict":"unparseable"})");
}

}  // namespace
}  // namespace stratagram::eval
