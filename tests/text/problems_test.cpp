#include "text/problems.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/expect_error.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"

namespace stratagram::text {
namespace {

TEST(ReadProblems, TakesNumbersAndTextsForIdAndAnswer) {
  const TempFolder folder;
  const auto file = folder.write("p.jsonl",
                                 "{\"id\": 7, \"problem\": \"2+2?\", \"answer\": 4}\n\n"
                                 "{\"id\": \"b\", \"problem\": \"x\", \"answer\": \"1/2\"}\n");

  const ProblemSet set = read_problems(file);

  ASSERT_EQ(set.problems.size(), 2U);
  EXPECT_EQ(set.problems[0].id, "7");
  EXPECT_EQ(set.problems[0].answer, "4");
  EXPECT_EQ(set.problems[1].kind, "math");
}

TEST(ReadProblems, KnowsACountdownPuzzleByItsFields) {
  const TempFolder folder;
  const auto file = folder.write(
      "p.jsonl", R"({"id": "c", "problem": "x", "answer": "24", "nums": [4, 6], "target": 24})");

  const Problem problem = read_problems(file).problems[0];

  EXPECT_EQ(problem.kind, "countdown");
  EXPECT_EQ(problem.numbers, (std::vector<int64_t>{4, 6}));
  EXPECT_EQ(problem.target, 24);
}

TEST(ReadProblems, ReadsBackWhatWasWritten) {
  const TempFolder folder;
  const std::vector<Problem> problems{
      {.id = "a", .text = "t\n", .answer = "1", .kind = "math", .solution = "s"},
      {.id = "b", .text = "u", .answer = "2", .kind = "countdown", .numbers = {1, 2}, .target = 3}};

  write_problems(folder.path() / "p.jsonl", problems);
  const ProblemSet set = read_problems(folder.path() / "p.jsonl");

  EXPECT_EQ(set.problems[0].solution, "s");
  EXPECT_EQ(set.problems[1].numbers, problems[1].numbers);
}

void expect_refused(const std::string& content, const char* what) {
  const TempFolder folder;
  const auto file = folder.write("p.jsonl", content);
  expect_error([&] { (void)read_problems(file); }, ErrorKind::kData, what);
}

TEST(ReadProblems, KeepsFurtherTextsAndNumbersAsFields) {
  const TempFolder folder;
  const auto file = folder.write(
      "set.jsonl",
      R"({"id": "a", "problem": "x", "answer": "1", "level": 5, "error": null, "subject": "Algebra",)"
      R"( "tags": ["y"], "solution": "s"})");

  const ProblemSet set = read_problems(file);
  write_problems(folder.path() / "again.jsonl", set.problems, set.fields);

  const Fields wanted = {{"level", "5"}, {"subject", "Algebra"}};
  EXPECT_EQ(set.fields.at("a"), wanted);
  EXPECT_EQ(read_problems(folder.path() / "again.jsonl").fields.at("a"), wanted);
}

TEST(ReadProblems, NamesTheLineThatIsWrong) {
  const std::string good = R"({"id": "a", "problem": "x", "answer": "1"})";
  expect_refused(good + "\n{oops\n", "p.jsonl:2");
  expect_refused(good + "\n" + good + "\n", "came before, at");
  expect_refused(R"({"id": "a", "problem": "x"})", "'answer'");
  expect_refused(R"({"id": "a", "problem": "x", "answer": "  "})", "skip_blank_answers");
  expect_refused(R"({"id": "a", "problem": "", "answer": "1"})", "'problem' is blank");
  expect_refused(R"({"id": "a", "problem": 5, "answer": "1"})", "'problem'");
  expect_refused(R"({"id": "a", "problem": "x", "answer": "1", "kind": "poem"})", "got 'poem'");
  expect_refused("\n\n", "at least one problem");
  expect_refused("", "at least one problem");
  expect_refused(good + "\n[1]\n", "p.jsonl:2: wanted a JSON object, got [1]");
  expect_refused(good + "\n{\"id\": \"b\xff\"}\n", "p.jsonl:2: wanted one JSON object");
  expect_refused(good + "\n{\"id\": " + std::string(1'000'000, '['), "p.jsonl:2: ");
  expect_refused(good + "\n" + R"({"id": " ", "problem": "x", "answer": "1"})", "2: field 'id'");
  expect_refused(good.substr(0, good.size() - 3), "p.jsonl:1: ");
}

TEST(ReadProblems, NamesWhatIsWrongWithAPuzzle) {
  const auto puzzle = [](const std::string& rest) {
    return R"({"id": "c", "problem": "x", "answer": "1", )" + rest + "}";
  };
  expect_refused(puzzle(R"("nums": [], "target": 5)"), "wanted at least one number, got none");
  expect_refused(puzzle(R"("nums": [1, "2"], "target": 5)"), "p.jsonl:1: field 'nums'");
  expect_refused(puzzle(R"("nums": [1], "target": 18446744073709551615)"), "field 'target'");
  expect_refused(puzzle(R"("kind": "countdown", "nums": [1])"), "field 'target'");
}

TEST(ReadProblems, NamesAFileThatIsMissing) {
  expect_error([] { (void)read_problems("nowhere.jsonl"); },
               ErrorKind::kData,
               "nowhere.jsonl: cannot be read; wanted a JSON Lines file");
}

TEST(ReadProblems, ThatAllHaveBlankAnswersAreAnEmptySet) {
  const TempFolder folder;
  const auto file = folder.write("p.jsonl", R"({"id": 1, "problem": "x", "answer": " "})");

  expect_error([&] { (void)read_problems(file, {.skip_blank_answers = true}); },
               ErrorKind::kData,
               "wanted at least one problem");
}

TEST(ReadProblems, SkipsAndCountsBlankAnswersWhenAsked) {
  const TempFolder folder;
  const auto file = folder.write("p.jsonl",
                                 "{\"id\": 1, \"problem\": \"x\", \"answer\": \"\"}\n"
                                 "{\"id\": 2, \"problem\": \"x\", \"answer\": \"1\"}\n");

  const ProblemSet set = read_problems(file, {.skip_blank_answers = true});

  EXPECT_EQ(set.num_skipped, 1);
  EXPECT_EQ(set.problems.size(), 1U);
}

TEST(ReadProblems, ReadsTheRealSets) {
  if (!shared_data("benchmarks")) GTEST_SKIP() << "the real problem sets are absent";
  for (const char* name : {"benchmarks/mawps",
                           "benchmarks/asdiv",
                           "benchmarks/gsm8k_test",
                           "benchmarks/countdown_test",
                           "benchmarks/aime24"}) {
    const ProblemSet set =
        read_problems(*shared_data(std::string(name) + ".jsonl"), {.skip_blank_answers = true});
    EXPECT_GE(set.problems.size(), 30U) << name;
  }
}

}  // namespace
}  // namespace stratagram::text
