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

// The rows of a whole evaluation, by problem and sample.
std::vector<std::vector<json>> evaluated(const rollout::Policy& policy,
                                         const std::vector<Problem>& problems,
                                         const EvalOptions& options,
                                         const EvalObserver& observer = {}) {
  SampleRows rows(ids_of(problems), options.num_samples);
  evaluate(policy, problems, options, rows, observer);
  std::vector<std::vector<json>> all(problems.size());
  for (size_t i = 0; i < problems.size(); ++i) {
    for (int64_t sample = 0; sample < options.num_samples; ++sample) {
      all[i].push_back(json::parse(rows.line(static_cast<int64_t>(i), sample)));
    }
  }
  return all;
}

std::vector<std::string> responses_of(const std::vector<std::vector<json>>& rows) {
  std::vector<std::string> texts;
  for (const auto& samples : rows) {
    for (const json& row : samples) texts.push_back(row.at("response"));
  }
  return texts;
}

TEST(Evaluate, JudgesEachSampleByItsOwnProblem) {
  const rollout::Policy policy = talker();
  const std::vector<Problem> problems = digit_problems(5);
  const EvalOptions options = options_of(4);
  const reward::Grader grader(options.reward);

  const auto rows = evaluated(policy, problems, options);

  ASSERT_EQ(rows.size(), 5U);
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), 4U);
    for (int64_t s = 0; s < 4; ++s) {
      const json& row = rows[i][s];
      EXPECT_EQ(row.at("problem_id"), problems[i].id);
      EXPECT_EQ(row.at("prompt"), problems[i].text);
      EXPECT_EQ(row.at("gold"), problems[i].answer);
      EXPECT_EQ(row.at("sample"), s);
      const Finish finish = finish_of(row.at("finish").get<std::string>()).value();
      EXPECT_EQ(
          row.at("verdict"),
          verdict_name(
              grader.judge(problems[i], row.at("response").get<std::string>(), finish).verdict));
    }
  }
}

TEST(Evaluate, ChangesNoSampleWhenProblemsOrSamplesAreAdded) {
  const rollout::Policy policy = talker();

  const auto few = evaluated(policy, digit_problems(3), options_of(2));
  const auto many = evaluated(policy, digit_problems(6), options_of(5));

  for (size_t i = 0; i < few.size(); ++i) {
    for (size_t s = 0; s < 2; ++s) EXPECT_EQ(few[i][s], many[i][s]);
  }
}

TEST(Evaluate, GivesTheSameSamplesForEveryNumberOfSequencesAtOnce) {
  const rollout::Policy policy = talker();
  EvalOptions options = options_of(4);
  const auto wanted = evaluated(policy, digit_problems(6), options);

  for (const int64_t max_sequences : {1, 5, 16, 40}) {
    options.engine.max_sequences = max_sequences;
    EXPECT_EQ(evaluated(policy, digit_problems(6), options), wanted) << max_sequences;
  }
}

TEST(Evaluate, IsGreedyAtTemperatureZeroWhateverTheSeed) {
  const rollout::Policy policy = talker();
  EvalOptions options = options_of(3);
  options.sampling.temperature = 0;
  const auto first = evaluated(policy, digit_problems(4), options);
  options.seed = 5;
  const auto second = evaluated(policy, digit_problems(4), options);

  EXPECT_EQ(responses_of(second), responses_of(first));
  for (const auto& samples : first) {
    for (const json& row : samples) EXPECT_EQ(row.at("response"), samples[0].at("response"));
  }
}

TEST(Evaluate, DrawsOtherSamplesUnderAnotherSeed) {
  const rollout::Policy policy = talker();
  EvalOptions options = options_of(4);
  const auto first = responses_of(evaluated(policy, digit_problems(4), options));
  options.seed = 5;

  EXPECT_NE(responses_of(evaluated(policy, digit_problems(4), options)), first);
}

TEST(Evaluate, PutsSystemAndPatternIntoThePrompt) {
  EvalOptions options = options_of(1);
  options.system = "be brief. ";
  options.prompt = "Q: {problem}?";

  const auto rows = evaluated(talker(), digit_problems(1), options);

  EXPECT_EQ(rows[0][0].at("prompt"), "be brief. Q: problem 0?");
}

TEST(Evaluate, TellsItsPlanAndItsProgress) {
  std::string plan;
  int64_t responses = 0;
  const EvalObserver observer{
      .on_plan = [&](const std::string& text) { plan = text; },
      .on_progress = [&](int64_t /*tokens*/, int64_t done) { responses = done; }};

  (void)evaluated(talker(), digit_problems(3), options_of(2), observer);

  EXPECT_THAT(plan, ::testing::HasSubstr("keys and values"));
  EXPECT_EQ(responses, 6);
}

TEST(SampleRow, HoldsEveryFieldOfTheContract) {
  const Problem problem{.id = "p", .text = "2+2", .answer = "4"};
  const Prompt prompt{.problem_id = "p", .text = "Q: 2+2", .token_ids = {1}};
  const Completion completion{
      .sample = 3, .token_ids = {7, 9}, .text = "ab", .finish = Finish::kStop, .seed = 5};
  const Judgement judgement{.verdict = Verdict::kUnparseable, .reason = "no_answer"};

  EXPECT_EQ(sample_row(problem, prompt, completion, judgement).dump(),
            R"({"finish":"stop","gold":"4","length":2,"predicted":null,"problem_id":"p",)"
            R"("prompt":"Q: 2+2","reason":"no_answer","response":"ab","sample":3,"seed":5,)"
            R"("verdict":"unparseable"})");
}

}  // namespace
}  // namespace stratagram::eval
