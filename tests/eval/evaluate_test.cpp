#include "eval/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "eval/verifier.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_run.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;

EvalOptions options_of(int64_t num_samples) {
  EvalOptions options{.num_samples = num_samples, .seed = 4};
  options.sampling.max_new_tokens = 12;
  options.engine = {.max_sequences = 8, .block_tokens = 4};
  options.judging.extraction = {"last_number"};
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
  const Verifier verifier(options.judging);

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
      EXPECT_EQ(row.at("verdict"),
                verdict_name(
                    verifier.judge(problems[i], {}, row.at("response").get<std::string>(), finish)
                        .verdict));
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
  options.prompt.system = "be brief. ";
  options.prompt.user = "Q: {problem}?";

  const auto rows = evaluated(talker(), digit_problems(1), options);

  EXPECT_EQ(rows[0][0].at("prompt"), "be brief. Q: problem 0?");
}

// The tiny policy has no chat template, so its conversation is the system message and the user's.
TEST(Evaluate, AsksATextTemplateWithoutTheChatTemplate) {
  EvalOptions options = options_of(1);
  options.prompt = {.form = text::PromptTemplate::Form::kText,
                    .system = "not used",
                    .user = "Question: {problem}\nAnswer:"};

  const auto rows = evaluated(talker(), digit_problems(1), options);

  EXPECT_EQ(rows[0][0].at("prompt"), "Question: problem 0\nAnswer:");
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
  const text::Fields fields;

  EXPECT_EQ(sample_row({.problem = problem,
                        .fields = fields,
                        .prompt = prompt,
                        .completion = completion,
                        .judgement = judgement},
                       {})
                .dump(),
            R"({"finish":"stop","gold":"4","length":2,"predicted":null,"problem_id":"p",)"
            R"("prompt":"Q: 2+2","reason":"no_answer","response":"ab","sample":3,"seed":5,)"
            R"("verdict":"unparseable"})");
}

TEST(SampleRow, HoldsWhatAVerdictIsMadeOfAndItsProblemCanBeReadBack) {
  const Judging judging{.error_field = "error"};
  const Problem puzzle{
      .id = "p", .answer = "24", .kind = "countdown", .numbers = {1, 2, 3}, .target = 24};
  const text::Fields fields = {{"error", "1e-1"}, {"level", "5"}, {"subject", "Algebra"}};
  const Prompt prompt{.problem_id = "p", .text = "Q", .token_ids = {1}};
  const Completion completion{.text = "ab"};
  const Judgement judgement{.verdict = Verdict::kWrong, .predicted = "1+2"};

  const json row = sample_row({.problem = puzzle,
                               .fields = fields,
                               .prompt = prompt,
                               .completion = completion,
                               .judgement = judgement},
                              judging);
  const auto [back, back_fields] = problem_of_row(row, judging, "row");

  EXPECT_EQ(row.at("groups"), json({{"level", "5"}, {"subject", "Algebra"}}));
  EXPECT_EQ(row.at("predicted"), "1+2");
  EXPECT_EQ(back.id, "p");
  EXPECT_EQ(back.answer, "24");
  EXPECT_EQ(back.kind, "countdown");
  EXPECT_EQ(back.numbers, puzzle.numbers);
  EXPECT_EQ(back.target, 24);
  EXPECT_EQ(back_fields.at("error"), "1e-1");
}

}  // namespace
}  // namespace stratagram::eval
