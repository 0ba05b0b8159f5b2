#include "eval/compare.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "eval/result_files.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::eval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// What `eval --out` writes, as far as a comparison reads it: `correct[i]` of two samples.
void write_evaluation(const TempFolder& folder,
                      const std::string& name,
                      const std::vector<int>& correct,
                      const std::string& prompt = "{problem}") {
  std::string samples;
  for (size_t problem = 0; problem < correct.size(); ++problem) {
    for (int sample = 0; sample < 2; ++sample) {
      samples += fmt::format(R"({{"problem_id": "p{}", "sample": {}, "verdict": "{}"}})",
                             problem,
                             sample,
                             sample < correct[problem] ? "correct" : "wrong") +
                 "\n";
    }
  }
  folder.write(name + "/set.samples.jsonl", samples);
  folder.write(
      name + "/set.json",
      fmt::format(R"({{"problems_digest": "d", "num_samples": 2, "template": "{}"}})", prompt));
}

TEST(Compare, PairsProblemsById) {
  const TempFolder folder;
  write_evaluation(folder, "a", {0, 1, 2, 0});
  write_evaluation(folder, "b", {1, 1, 2, 2});

  const Difference difference = paired_difference(
      read_scores(folder.path() / "a", "set"), read_scores(folder.path() / "b", "set"), 7);

  EXPECT_EQ(difference.num_problems, 4);
  EXPECT_DOUBLE_EQ(difference.mean, (0.5 + 0 + 0 + 1.0) / 4);
  ASSERT_TRUE(difference.interval);
  EXPECT_LE(difference.interval->low, difference.mean);
  EXPECT_GE(difference.interval->high, difference.mean);
  // Two differences are not 0, so of the four ways to give them signs two are as far out.
  EXPECT_NEAR(difference.p.value(), 0.5, 0.02);
}

TEST(Compare, TurnsItsSignWithTheOrderOfTheTwo) {
  const TempFolder folder;
  write_evaluation(folder, "a", {0, 1, 2, 0, 1});
  write_evaluation(folder, "b", {1, 2, 1, 2, 2});
  const Scores a = read_scores(folder.path() / "a", "set");
  const Scores b = read_scores(folder.path() / "b", "set");

  EXPECT_DOUBLE_EQ(paired_difference(a, b, 7).mean, -paired_difference(b, a, 7).mean);
  EXPECT_EQ(paired_difference(a, b, 7).p, paired_difference(b, a, 7).p);
}

TEST(Compare, NamesConditionsThatDiffer) {
  const TempFolder folder;
  write_evaluation(folder, "a", {1});
  write_evaluation(folder, "b", {1}, "Solve: {problem}");
  const Scores a = read_scores(folder.path() / "a", "set");

  EXPECT_THAT(differing_conditions(a, read_scores(folder.path() / "b", "set")),
              ElementsAre("template"));
  EXPECT_THAT(differing_conditions(a, a), ElementsAre());
}

TEST(Compare, RefusesEvaluationsWithoutACommonProblem) {
  Scores a{.name = "a"};
  a.accuracy["p0"] = 1;
  Scores b{.name = "b"};
  b.accuracy["p1"] = 1;

  expect_error([&] { (void)paired_difference(a, b, 0); }, ErrorKind::kData, "no problem in common");
}

TEST(Compare, NamesWhatIsMissingOrDamaged) {
  const TempFolder folder;
  folder.write("a/set.samples.jsonl", "{\"problem_id\": \"p0\"}\n");
  folder.write("a/set.json", R"({"problems_digest": "d"})");
  folder.write("b/set.samples.jsonl", "");
  folder.write("b/set.json", "[]");

  expect_error([&] { (void)benchmarks_in(folder.path()); }, ErrorKind::kData, "eval --out");
  expect_error([&] { (void)read_scores(folder.path() / "a", "set"); },
               ErrorKind::kData,
               "set.samples.jsonl:1: field 'verdict'");
  expect_error([&] { (void)read_scores(folder.path() / "b", "set"); },
               ErrorKind::kData,
               "set.json: wanted a result of `stratagram eval --out`");
}

TEST(Compare, LeavesOutAnEvaluationThatWasStoppedBeforeItsResultStood) {
  const TempFolder folder;
  write_evaluation(folder, "a", {1});
  folder.write("a/half.samples.jsonl", "{}\n");
  folder.write("a/rest.samples.part.jsonl", "{}\n");

  EXPECT_THAT(benchmarks_in(folder.path() / "a"), ElementsAre("set"));
}

TEST(Compare, TakesResultsOfOtherModelsMachinesAndBuilds) {
  const TempFolder folder;
  const char* result =
      R"({{"problems_digest": "d", "num_samples": 2, "template": "p", "model_digest": "{0}",)"
      R"( "dtype": "{0}", "max_sequences": "{0}", "threads": "{0}", "device": "{0}",)"
      R"( "commit": "{0}", "seed": "{0}"}})";
  for (const char* name : {"a", "b"}) {
    write_evaluation(folder, name, {1});
    folder.write(std::string(name) + "/set.json", fmt::format(fmt::runtime(result), name));
  }

  const auto differing = differing_conditions(read_scores(folder.path() / "a", "set"),
                                              read_scores(folder.path() / "b", "set"));

  EXPECT_THAT(differing, ::testing::IsEmpty());
}

TEST(Compare, TablesEveryPair) {
  const TempFolder folder;
  std::vector<Scores> all;
  for (const char* name : {"start", "grpo", "hicra"}) {
    write_evaluation(folder, name, {0, 1, 2});
    all.push_back(read_scores(folder.path() / name, "set"));
    all.back().name = name;
  }

  const std::string table = comparison_table(std::vector{ComparedBenchmark{"set", all}}, 0);

  for (const char* row : {"set: pass@1 over 3 problems, 2 samples each",
                          "start   50.00 %",
                          "grpo less start: +0.00",
                          "hicra less start: +0.00",
                          "hicra less grpo: +0.00"}) {
    EXPECT_THAT(table, HasSubstr(row));
  }
  EXPECT_THAT(table, Not(HasSubstr("NOT COMPARABLE")));
  EXPECT_THAT(table, Not(HasSubstr("not paired")));
}

TEST(Compare, CorrectsThePOfAPairOverTheBenchmarks) {
  const TempFolder folder;
  write_evaluation(folder, "a", {0, 0, 0, 0, 0, 0, 0, 0});
  write_evaluation(folder, "b", {2, 2, 2, 2, 2, 2, 2, 2});
  const std::vector<Scores> both = {read_scores(folder.path() / "a", "set"),
                                    read_scores(folder.path() / "b", "set")};
  // Of 256 ways to give eight equal differences signs two are as far out: p is near 2 / 256.
  const double p = paired_difference(both[0], both[1], 0).p.value();

  const std::string one = comparison_table(std::vector{ComparedBenchmark{"x", both}}, 0);
  const std::string two =
      comparison_table(std::vector{ComparedBenchmark{"x", both}, ComparedBenchmark{"y", both}}, 0);

  EXPECT_NEAR(p, 2.0 / 256, 0.004);
  EXPECT_THAT(one, HasSubstr(fmt::format("p = {:.4f}   Holm p = {:.4f}", p, p)));
  EXPECT_THAT(two, HasSubstr(fmt::format("p = {:.4f}   Holm p = {:.4f}", p, 2 * p)));
}

TEST(Compare, GivesTheDifferenceThatThePairsCouldDetect) {
  const TempFolder folder;
  write_evaluation(folder, "a", {0, 1, 2, 0});
  write_evaluation(folder, "b", {1, 1, 2, 2});

  const Difference difference = paired_difference(
      read_scores(folder.path() / "a", "set"), read_scores(folder.path() / "b", "set"), 7);

  // Differences 1/2, 0, 0, 1: variance 11/48, so the error is sqrt(11/48 / 4).
  EXPECT_NEAR(difference.detectable.value(), 2.8016 * std::sqrt(11.0 / 192), 1e-4);
}

TEST(Compare, TellsWhatIsNotPaired) {
  Scores a{.name = "a", .counts = {{"p0", 2}, {"p1", 2}, {"p2", 2}}};
  Scores b{.name = "b", .counts = {{"p0", 2}, {"p1", 1}, {"p3", 2}, {"p4", 2}}};

  EXPECT_EQ(unpaired(a, b),
            "not paired: 1 problems only in a, 2 problems only in b, 1 problems with unequal "
            "numbers of samples");
  EXPECT_EQ(unpaired(a, a), "");
}

TEST(Compare, SaysInTheTableWhatMakesTwoNotComparable) {
  const TempFolder folder;
  write_evaluation(folder, "a", {1, 0});
  write_evaluation(folder, "b", {1, 0}, "Solve: {problem}");
  const std::vector<Scores> both = {read_scores(folder.path() / "a", "set"),
                                    read_scores(folder.path() / "b", "set")};

  EXPECT_THAT(comparison_table(std::vector{ComparedBenchmark{"set", both}}, 0),
              HasSubstr("differ in template\n"));
}

}  // namespace
}  // namespace stratagram::eval
