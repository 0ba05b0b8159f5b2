#include "text/solutions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class Solutions : public testing::Test {
 protected:
  // Everything that a file of these rows gives.
  [[nodiscard]] std::vector<Solution> read(const std::string& rows,
                                           const SolutionOptions& options = {},
                                           const std::string& name = "rows.jsonl") const {
    const fs::path file = folder.write(name, rows);
    SolutionReader reader(std::vector<fs::path>{file}, options);
    std::vector<Solution> all;
    for (auto solution = reader.next(); solution; solution = reader.next()) {
      all.push_back(std::move(*solution));
    }
    return all;
  }

  void expect_refused(const std::string& rows,
                      const std::string& what,
                      const SolutionOptions& options = {},
                      ErrorKind kind = ErrorKind::kData) const {
    SCOPED_TRACE(rows);
    expect_error([&] { (void)read(rows, options); }, kind, what);
  }

  TempFolder folder;
};

TEST_F(Solutions, OfAStratagramRunAreToldByTheirFields) {
  const auto rows =
      read(R"({"step": 7, "problem_id": "p", "sample": 2, "prompt": "ask", "response": "so", )"
           R"("token_ids": [1], "reward": 1.0, "verdict": "correct", "gold": "3"})");

  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].problem_id, "p");
  EXPECT_EQ(rows[0].problem, "ask");
  EXPECT_EQ(rows[0].response, "so");
  EXPECT_EQ(rows[0].correct, true);
  EXPECT_EQ(rows[0].step, 7);
}

// Rows as RayPPOTrainer._dump_generations writes them.
TEST_F(Solutions, OfVerlAreToldByTheirFields) {
  const auto rows = read(
      R"({"input": "user\nask", "output": "so", "gts": "3", "score": 1.0, "step": 12, "acc": true})"
      "\n"
      R"({"input": "user\nask", "output": "no", "gts": null, "score": -1.0, "step": 12})");

  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].problem, "user\nask");
  EXPECT_EQ(rows[0].response, "so");
  EXPECT_EQ(rows[0].correct, true);
  EXPECT_EQ(rows[0].step, 12);
  EXPECT_EQ(rows[0].gold, "3");
  EXPECT_EQ(rows[1].correct, false);
  EXPECT_EQ(rows[1].gold, "");
}

TEST_F(Solutions, KeepAReferenceThatIsNoTextAsJson) {
  const auto rows = read(R"({"response": "so", "answer": {"ground_truth": [3, "x"]}})");

  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].gold, R"({"ground_truth":[3,"x"]})");
}

// The columns of GRPOTrainer's completions: step, prompt, completion, a reward by the name of each
// function, advantage.
TEST_F(Solutions, OfTrlAreToldByTheirFieldsAndTheirRewardIsNamed) {
  const std::string row =
      R"({"step": 5, "prompt": "ask", "completion": "so", "accuracy_reward": 1.0, "advantage": 0.7})";

  EXPECT_EQ(read(row)[0].problem, "ask");
  EXPECT_EQ(read(row)[0].response, "so");
  EXPECT_EQ(read(row)[0].step, 5);
  EXPECT_EQ(read(row)[0].correct, std::nullopt);
  EXPECT_EQ(read(row, {.changes = {"correct=accuracy_reward"}})[0].correct, true);
}

TEST_F(Solutions, OfPlainRowsMayLackEverythingButTheResponse) {
  const auto rows = read(
      R"({"id": 3, "problem": "ask", "response": "so", "correct": false, "step": 1, "model": "m"})"
      "\n"
      R"({"response": "so", "correct": null, "problem": null})");

  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].problem_id, "3");
  EXPECT_EQ(rows[0].problem, "ask");
  EXPECT_EQ(rows[0].correct, false);
  EXPECT_EQ(rows[0].step, 1);
  EXPECT_EQ(rows[0].source, "m");
  EXPECT_EQ(rows[1].problem_id, "");
  EXPECT_EQ(rows[1].problem, "");
  EXPECT_EQ(rows[1].correct, std::nullopt);
  EXPECT_EQ(rows[1].step, std::nullopt);
}

TEST_F(Solutions, OfAProblemSetAreCorrectByDefinition) {
  const auto rows = read(R"({"id": "g", "problem": "ask", "answer": "3", "solution": "so 3"})");

  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].response, "so 3");
  EXPECT_EQ(rows[0].correct, true);
}

TEST_F(Solutions, OfEachFileAreToldByItsOwnFirstRow) {
  const std::vector<fs::path> files{folder.write("a.jsonl", R"({"input": "q", "output": "one"})"),
                                    folder.write("b.jsonl", R"({"response": "two"})"),
                                    folder.write("empty.jsonl", "\n")};

  SolutionReader reader(files, {});

  EXPECT_EQ(reader.next()->response, "one");
  EXPECT_EQ(reader.where(), files[0].string() + ":1");
  EXPECT_EQ(reader.next()->response, "two");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_EQ(reader.next(), std::nullopt);
}

TEST_F(Solutions, LeaveTheirRowWithWhatNoFieldMapNames) {
  const auto file = folder.write("a.jsonl", R"({"response": "one", "token_ids": [4, 5]})");
  SolutionReader reader(std::vector<fs::path>{file}, {});

  (void)reader.next();

  EXPECT_EQ(reader.row().at("token_ids"), (std::vector<int>{4, 5}));
}

TEST_F(Solutions, TakeAnotherFieldForAnyPartAndLeaveOneOut) {
  const std::string row =
      R"({"response": "no", "text": "so", "q": "ask", "n": 4, "ok": 0.9, "at": 8, "who": "me",)"
      R"( "correct": "?"})";
  const SolutionOptions options{
      .changes = {"response=text", "problem=q", "id=n", "correct=ok", "step=at", "source=who"}};

  const Solution solution = read(row, options)[0];

  EXPECT_EQ(solution.response, "so");
  EXPECT_EQ(solution.problem, "ask");
  EXPECT_EQ(solution.problem_id, "4");
  EXPECT_EQ(solution.correct, true);
  EXPECT_EQ(solution.step, 8);
  EXPECT_EQ(solution.source, "me");
  EXPECT_EQ(read(row, {.changes = {"correct="}})[0].correct, std::nullopt);
}

TEST_F(Solutions, TakeTheNamedPresetWhateverTheRowLooksLike) {
  const std::string row = R"({"response": "a", "input": "q", "output": "b", "score": 1})";

  EXPECT_EQ(read(row)[0].response, "b");
  EXPECT_EQ(read(row, {.preset = "plain"})[0].response, "a");
}

TEST_F(Solutions, LieDeeperUnderAJsonPointer) {
  const std::string row =
      R"({"response": "so", "extra": {"score": 1, "a/b": ["x", "who"]}, "list": [1]})";

  const Solution solution =
      read(row, {.changes = {"correct=/extra/score", "source=/extra/a~1b/1", "id=/list/7"}})[0];

  EXPECT_EQ(solution.correct, true);
  EXPECT_EQ(solution.source, "who");
  EXPECT_EQ(solution.problem_id, "");
  EXPECT_EQ(read(row, {.changes = {"problem=/list/x"}})[0].problem, "");
}

TEST_F(Solutions, AreCorrectByBoolVerdictOrARewardAboveOneHalf) {
  const auto correct = [&](const std::string& value) {
    return read(R"({"response": "so", "correct": )" + value + "}")[0].correct;
  };

  EXPECT_EQ(correct("true"), true);
  EXPECT_EQ(correct("false"), false);
  EXPECT_EQ(correct("\"correct\""), true);
  for (const char* verdict : {"\"wrong\"", "\"unparseable\"", "\"timeout\"", "\"error\""}) {
    EXPECT_EQ(correct(verdict), false) << verdict;
  }
  EXPECT_EQ(correct("1"), true);
  EXPECT_EQ(correct("0.51"), true);
  EXPECT_EQ(correct("0.5"), false);
  EXPECT_EQ(correct("-1"), false);
  EXPECT_EQ(correct("null"), std::nullopt);
}

TEST_F(Solutions, NameTheLineAndTheFieldThatIsWrong) {
  const std::string good = R"({"response": "so"})";
  expect_refused(good + "\n{\"id\": 1}", "rows.jsonl:2: field 'response': wanted a text, got noth");
  expect_refused(R"({"response": null, "id": 1})", "rows.jsonl:1: field 'response'");
  expect_refused(R"({"response": 5})", "rows.jsonl:1: field 'response': wanted a text, got number");
  expect_refused(R"({"response": "so", "correct": "yes"})",
                 "field 'correct': wanted true, false, a verdict or a reward, got string; name "
                 "another field with --field");
  expect_refused(R"({"response": "so", "step": 1.5})", "field 'step': wanted a whole number");
  expect_refused(R"({"response": "so", "step": 18446744073709551615})", "field 'step'");
  expect_refused(R"({"response": "so", "id": []})", "field 'id': wanted a text, got array");
  expect_refused(R"({"response": "so", "problem": {}})", "field 'problem': wanted a text, got obj");
  expect_refused(R"({"response": "so", "model": true})", "field 'model': wanted a text, got bool");
  expect_refused(good + "\n{oops", "rows.jsonl:2: wanted one JSON object");
  expect_refused(
      R"({"text": "so", "n": 1})",
      "rows.jsonl:1: no field of this row is known to hold a response (it has: n, text); "
      "name it with --field response=FIELD");
}

TEST_F(Solutions, RefuseAMapThatCannotBe) {
  const auto refuse = [&](const std::string& change, const std::string& what) {
    expect_error(
        [&] { (void)SolutionReader({}, {.changes = {change}}); }, ErrorKind::kConfig, what);
  };

  refuse("response", "wanted NAME=FIELD, got 'response'");
  refuse("corect=ok", "'corect' is nothing that a row is read for; did you mean 'correct'?");
  refuse("response=", "a response is needed");
  refuse("id=/a~2", "'/a~2' is no JSON pointer");
  expect_error([] { (void)SolutionReader({}, {.preset = "verll"}); },
               ErrorKind::kConfig,
               "unknown preset 'verll'; did you mean 'verl'?");
}

TEST_F(Solutions, PresetsHaveAMapEach) {
  EXPECT_THAT(solution_presets(), ElementsAre("stratagram", "verl", "trl", "plain", "reference"));
  for (const std::string& preset : solution_presets()) {
    EXPECT_NE(solution_fields(preset).response, "") << preset;
  }
  EXPECT_EQ(solution_fields("verl", std::vector<std::string>{"correct=acc"}).correct, "acc");
}

TEST_F(Solutions, AreOfOneProblemByItsTextAndElseByItsId) {
  EXPECT_EQ(problem_key({.problem_id = "a", .problem = "ask"}), "ask");
  EXPECT_EQ(problem_key({.problem_id = "a"}), "a");
}

TEST_F(Solutions, OfTheRealTracesSayWhoWroteThemAndWhetherTheyAreRight) {
  const auto file = shared_data("traces/mip_math_6models.jsonl");
  if (!file) GTEST_SKIP() << "the real traces are absent";
  SolutionReader reader(std::vector<fs::path>{*file}, {});
  int64_t num_correct = 0;
  int64_t num_rows = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++num_rows) {
    num_correct += row->correct.value() ? 1 : 0;
    EXPECT_NE(row->source, "mip_math_6models");
  }

  EXPECT_EQ(num_rows, 312);
  EXPECT_EQ(num_correct, 289);
}

}  // namespace
}  // namespace stratagram::text
