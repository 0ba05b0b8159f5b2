#include "eval/rescore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/file.h"
#include "eval/evaluate.h"
#include "eval/result_files.h"
#include "eval/verifier.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const Judging kJudging{.error_field = "error"};

// Two samples of three problems, as an evaluation leaves them.
class Rescore : public testing::Test {
 protected:
  Rescore() {
    const std::vector<Problem> problems = {
        {.id = "a", .answer = "1/2", .kind = "math"},
        {.id = "b", .answer = "4.2", .kind = "math"},
        {.id = "c", .answer = "6", .kind = "countdown", .numbers = {1, 2, 3}, .target = 6}};
    const std::vector<text::Fields> fields = {
        {{"level", "1"}}, {{"error", "0.1"}, {"level", "2"}}, {{"level", "2"}}};
    const std::vector<std::string> responses = {
        "\\boxed{0.5}", "no idea", "\\boxed{4.25}", "\\boxed{5}", "\\boxed{1*2*3}", "\\boxed{1+2}"};
    SampleRows rows(ids_of(problems), 2);
    const Verifier verifier(kJudging);
    for (size_t i = 0; i < responses.size(); ++i) {
      const Problem& problem = problems[i / 2];
      const Prompt prompt{.problem_id = problem.id, .text = "Q", .token_ids = {1}};
      const Completion completion{.sample = static_cast<int64_t>(i % 2),
                                  .token_ids = {1, 2},
                                  .text = responses[i],
                                  .finish = Finish::kStop};
      rows.add(sample_row(
          {.problem = problem,
           .fields = fields[i / 2],
           .prompt = prompt,
           .completion = completion,
           .judgement = verifier.judge(problem, fields[i / 2], responses[i], Finish::kStop)},
          kJudging));
    }
    const auto same = [&](const std::string& x, const std::string& y) {
      return verifier.same_answer(x, y);
    };
    const json conditions = {
        {"problems_digest", "d"},
        {"num_problems", 3},
        {"num_samples", 2},
        {"seed", 4U},
        {"judging", to_json(kJudging)},
        {"benchmark", "set"},
        {"template", {{"name", "plain"}}},
        {"sampling", {{"temperature", 0.6}, {"top_p", 0.95}, {"max_new_tokens", 8}}}};
    summary = summarise(rows, 4, same);
    result = result_of(conditions, summary, kJudging);
    write_result(folder.path(), "set", rows, result);
  }

  std::string samples() const { return read_file(folder.path() / "set.samples.jsonl"); }

  TempFolder folder;
  Summary summary;
  json result;
};

TEST_F(Rescore, GivesTheSameBytesWhenNothingChanged) {
  EXPECT_NEAR(summary.pass_at.at(1).mean, 0.5, 1e-12);

  const Rescored rescored = rescore(folder.path(), "set");

  std::ostringstream rows;
  rescored.rows.write(rows);
  EXPECT_EQ(rows.str(), samples());
  EXPECT_EQ(rescored.result.dump(1), result.dump(1));
  EXPECT_EQ(rescored.num_changed, 0);
  EXPECT_EQ(result_text(rescored.result, rescored.summary), result_text(result, summary));
}

TEST_F(Rescore, JudgesByTheResponsesAndNotByWhatWasSaidOfThem) {
  std::string text = samples();
  for (size_t at = text.find("\"correct\""); at != std::string::npos;
       at = text.find("\"correct\"")) {
    text.replace(at, 9, "\"wrong\"");
  }
  folder.write("set.samples.jsonl", text);

  const Rescored rescored = rescore(folder.path(), "set");

  EXPECT_EQ(rescored.num_changed, 3);
  EXPECT_EQ(rescored.result.dump(), result.dump());
}

TEST_F(Rescore, JudgesAsTheResultSays) {
  json other = result;
  other["judging"]["error_field"] = "";
  folder.write("set.json", other.dump());

  const Rescored rescored = rescore(folder.path(), "set");

  EXPECT_EQ(rescored.num_changed, 1) << "4.25 is right only within the absolute error";
  EXPECT_NE(rescored.result.at("verifier"), result.at("verifier"));
}

TEST_F(Rescore, RefusesSamplesOfWhichSomeAreMissingTwiceOrNotAskedFor) {
  const std::string whole = samples();
  const std::string first = whole.substr(0, whole.find('\n') + 1);
  const auto expect = [&](const std::string& text, const char* message) {
    folder.write("set.samples.jsonl", text);
    expect_error([&] { (void)rescore(folder.path(), "set"); }, ErrorKind::kData, message);
  };

  expect(whole.substr(first.size()), "wanted 2 samples of each of 3 problems, found 5 rows");
  expect(whole + first, "found 7 rows of 3 problems");
  expect("", "found 0 rows of 0 problems");
  std::string beyond = first;
  beyond.replace(beyond.find("\"sample\":0"), 10, "\"sample\":2");
  expect(whole + beyond, "sample 2 of problem 'a'");
}

TEST_F(Rescore, NamesTheLineOfADamagedSampleAndTheResultOfAnOlderVersion) {
  const std::string whole = samples();
  folder.write("set.samples.jsonl", whole + "{\"problem_id\": \"a\"}\n");
  expect_error([&] { (void)rescore(folder.path(), "set"); },
               ErrorKind::kData,
               "set.samples.jsonl:7: field 'gold'");
  folder.write("set.json", R"({"problems_digest": "d"})");
  expect_error([&] { (void)rescore(folder.path(), "set"); }, ErrorKind::kData, "older version");
}

}  // namespace
}  // namespace stratagram::eval
