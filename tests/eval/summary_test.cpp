#include "eval/summary.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/records.h"
#include "core/sample_rows.h"
#include "tests/support/expect_error.h"

namespace stratagram::eval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;

struct Judged {
  int64_t problem = 0;
  int64_t sample = 0;
  Verdict verdict = Verdict::kCorrect;
  Finish finish = Finish::kStop;
};

// What is read of a row of an evaluation; sample i has i + 1 tokens.
nlohmann::json row_of(const Judged& judged) {
  return {{"problem_id", fmt::format("p{}", judged.problem)},
          {"sample", judged.sample},
          {"verdict", verdict_name(judged.verdict)},
          {"finish", finish_name(judged.finish)},
          {"length", judged.sample + 1}};
}

bool same_text(const std::string& a, const std::string& b) {
  return a == b;
}

Summary summarise(const SampleRows& rows, uint64_t seed) {
  return eval::summarise(rows, seed, same_text);
}

SampleRows empty_rows(int64_t num_problems, int64_t num_samples) {
  std::vector<std::string> ids;
  ids.reserve(static_cast<size_t>(num_problems));
  for (int64_t i = 0; i < num_problems; ++i) ids.push_back(fmt::format("p{}", i));
  return {ids, num_samples};
}

// Problems with `n` samples; of problem i the first correct[i] are correct.
SampleRows rows_of(int64_t n, const std::vector<int64_t>& correct) {
  SampleRows rows = empty_rows(static_cast<int64_t>(correct.size()), n);
  for (int64_t problem = 0; problem < rows.num_problems(); ++problem) {
    for (int64_t i = 0; i < n; ++i) {
      rows.add(row_of({.problem = problem,
                       .sample = i,
                       .verdict = i < correct[problem] ? Verdict::kCorrect : Verdict::kWrong}));
    }
  }
  return rows;
}

TEST(Summary, HasPassAtKOfKnownSamples) {
  const Summary summary = summarise(rows_of(4, {0, 1, 4}), 1);

  EXPECT_THAT(summary.pass_at, ElementsAre(Key(1), Key(2), Key(4)));
  EXPECT_NEAR(summary.pass_at.at(1).mean, (0 + 0.25 + 1) / 3, 1e-12);
  // Of the 6 pairs 3 hold the one correct sample.
  EXPECT_NEAR(summary.pass_at.at(2).mean, (0 + 0.5 + 1) / 3, 1e-12);
  EXPECT_NEAR(summary.pass_at.at(4).mean, (0 + 1.0 + 1) / 3, 1e-12);
}

TEST(Summary, HasKThatAreNoPowerOfTwoOnlyForTheNumberOfSamples) {
  EXPECT_THAT(summarise(rows_of(6, {2}), 1).pass_at, ElementsAre(Key(1), Key(2), Key(4), Key(6)));
  EXPECT_THAT(summarise(rows_of(1, {1}), 1).pass_at, ElementsAre(Key(1)));
}

// Problems at 0, 1/2 and 1: variance 1/4, so the error is sqrt(1/4 / 3). Six independent samples
// would have given sqrt(3/10 / 6), which forgets that samples of a problem go together.
TEST(Summary, ClustersTheStandardErrorByProblem) {
  const Summary summary = summarise(rows_of(2, {0, 1, 2}), 1);

  EXPECT_NEAR(summary.pass_at.at(1).standard_error.value(), std::sqrt(0.25 / 3), 1e-12);
}

TEST(Summary, HasAnIntervalAroundTheMeanThatItsSeedReproduces) {
  std::vector<int64_t> correct;
  correct.reserve(20);
  for (int64_t i = 0; i < 20; ++i) correct.push_back(i % 5);
  const SampleRows rows = rows_of(4, correct);

  const Estimate once = summarise(rows, 1).pass_at.at(1);
  const Estimate twice = summarise(rows, 1).pass_at.at(1);
  const Estimate other = summarise(rows, 2).pass_at.at(1);

  EXPECT_EQ(once.interval->low, twice.interval->low);
  EXPECT_EQ(once.interval->high, twice.interval->high);
  EXPECT_LT(once.interval->low, once.mean);
  EXPECT_GT(once.interval->high, once.mean);
  // Twenty values in quarters: the percentiles of another seed may be a step of 1/80 away, no more.
  EXPECT_NEAR(other.interval->low, once.interval->low, 0.0126);
  // About 1.96 standard errors on each side.
  EXPECT_NEAR(once.interval->high - once.interval->low, 3.92 * *once.standard_error, 0.05);
}

TEST(Summary, HasNeitherErrorNorIntervalForOneProblem) {
  const Estimate estimate = summarise(rows_of(4, {2}), 1).pass_at.at(1);

  EXPECT_FALSE(estimate.standard_error.has_value());
  EXPECT_FALSE(estimate.interval.has_value());
}

TEST(Summary, CountsSharesOverAllSamples) {
  SampleRows rows = empty_rows(2, 2);
  rows.add(row_of({.problem = 0, .sample = 0}));
  rows.add(row_of({.problem = 0, .sample = 1, .verdict = Verdict::kWrong}));
  rows.add(row_of({.problem = 1, .sample = 0}));
  rows.add(row_of(
      {.problem = 1, .sample = 1, .verdict = Verdict::kUnparseable, .finish = Finish::kLength}));

  const Summary summary = summarise(rows, 1);

  EXPECT_EQ(summary.num_problems, 2);
  EXPECT_EQ(summary.num_samples, 2);
  EXPECT_DOUBLE_EQ(summary.truncated.mean, 0.25);
  EXPECT_DOUBLE_EQ(summary.unparseable.mean, 0.25);
  EXPECT_DOUBLE_EQ(summary.length.mean, 1.5);
  // Problems at 0 and 1/2: variance 1/8, so the error is sqrt(1/8 / 2).
  EXPECT_DOUBLE_EQ(summary.truncated.standard_error.value(), 0.25);
  EXPECT_DOUBLE_EQ(summary.length.standard_error.value(), 0);
}

TEST(Summary, RefusesRowsOfWhichSomeAreMissingAndNone) {
  SampleRows rows = empty_rows(2, 2);
  for (int64_t i = 0; i < 3; ++i) rows.add(row_of({.problem = i / 2, .sample = i % 2}));

  expect_error([&] { (void)summarise(rows, 1); }, ErrorKind::kInternal, "3 of 4 samples");
  expect_error(
      [] { (void)summarise(empty_rows(0, 2), 1); }, ErrorKind::kInternal, "0 of 0 samples");
}

TEST(Summary, RefusesARowWithoutItsVerdict) {
  SampleRows rows = empty_rows(1, 1);
  rows.add({{"problem_id", "p0"}, {"sample", 0}, {"finish", "stop"}, {"length", 1}});

  expect_error([&] { (void)summarise(rows, 1); }, ErrorKind::kData, "field 'verdict'");
}

TEST(Summary, WritesJsonWithoutWhatIsUndefined) {
  EXPECT_EQ(to_json(summarise(rows_of(1, {1}), 1)).dump(),
            R"({"groups":[],"maj_at":{},"mean_length":{"mean":1.0},"num_problems":1,)"
            R"("num_samples":1,"pass_at":{"1":{"mean":1.0}},"truncated_share":{"mean":0.0},)"
            R"("unparseable_share":{"mean":0.0}})");
  const auto two = to_json(summarise(rows_of(1, {1, 0}), 1));
  EXPECT_EQ(two["pass_at"]["1"]["standard_error"], 0.5);
  EXPECT_EQ(two["pass_at"]["1"]["interval_95"], nlohmann::json({0.0, 1.0}));
}

TEST(Summary, WritesPercentForTheTerminal) {
  const std::string text = to_text(summarise(rows_of(2, {1, 1}), 1), "lab");

  EXPECT_THAT(text, HasSubstr("lab: 2 problems x 2 samples"));
  EXPECT_THAT(text, HasSubstr("\n  pass@1         50.00 %  95 % interval 50.00 to 50.00"));
  EXPECT_THAT(text, HasSubstr("\n  length           1.5 tokens"));
}

// Rows of one problem, a letter each: the answer; a capital one is right, "-" is none.
SampleRows rows_of_answers(const std::vector<std::string>& problems, const std::string& kind) {
  SampleRows rows = empty_rows(static_cast<int64_t>(problems.size()),
                               static_cast<int64_t>(problems.front().size()));
  for (size_t problem = 0; problem < problems.size(); ++problem) {
    for (size_t i = 0; i < problems[problem].size(); ++i) {
      const char answer = problems[problem][i];
      nlohmann::json row =
          row_of({.problem = static_cast<int64_t>(problem),
                  .sample = static_cast<int64_t>(i),
                  .verdict = std::isupper(answer) != 0 ? Verdict::kCorrect : Verdict::kWrong});
      row["predicted"] = answer == '-' ? nlohmann::json() : nlohmann::json(std::string(1, answer));
      row["kind"] = kind;
      rows.add(row);
    }
  }
  return rows;
}

TEST(Summary, CountsMajoritiesOverEquivalentAnswersAndNotOverEqualTexts) {
  const SameAnswer vowels = [](const std::string& a, const std::string& b) {
    const auto is_vowel = [](const std::string& text) {
      return std::string("aAeE").find(text) != std::string::npos;
    };
    return a == b || (is_vowel(a) && is_vowel(b));
  };
  // By text b wins with two votes; A and E are one answer with three, and right.
  const SampleRows rows = rows_of_answers({"bbAEA-"}, "math");

  EXPECT_EQ(eval::summarise(rows, 1, vowels).majority_at.at(6).mean, 1);
  EXPECT_EQ(
      eval::summarise(rows_of_answers({"bbAEA-"}, "countdown"), 1, vowels).majority_at.at(6).mean,
      0)
      << "expressions of a puzzle are one answer only as texts; of b and A b came first";
}

TEST(Summary, HasMajoritiesForTheKOfPassAtKAboveOne) {
  const Summary summary = summarise(rows_of_answers({"Aab", "bbA"}, "math"), 1);

  EXPECT_THAT(summary.majority_at, ElementsAre(Key(2), Key(3)));
  EXPECT_DOUBLE_EQ(summary.majority_at.at(3).mean, 0.5);
}

TEST(Summary, HasARowForEachGroupOverItsOwnProblems) {
  SampleRows rows = empty_rows(4, 1);
  const std::vector<std::string> levels = {"2", "1", "2", ""};
  for (int64_t i = 0; i < 4; ++i) {
    nlohmann::json row =
        row_of({.problem = i, .verdict = i == 0 ? Verdict::kCorrect : Verdict::kWrong});
    if (!levels[i].empty()) row["groups"] = {{"level", levels[i]}, {"subject", "Algebra"}};
    rows.add(row);
  }

  const Summary summary = summarise(rows, 1);

  ASSERT_EQ(summary.groups.size(), 3U);
  EXPECT_EQ(summary.groups[0].value, "1");
  EXPECT_EQ(summary.groups[0].num_problems, 1);
  EXPECT_EQ(summary.groups[1].value, "2");
  EXPECT_DOUBLE_EQ(summary.groups[1].pass_at_1.mean, 0.5);
  EXPECT_EQ(summary.groups[2].group, "subject");
  EXPECT_NEAR(summary.groups[2].pass_at_1.mean, 1.0 / 3, 1e-12);
  EXPECT_THAT(to_text(summary, "set"), HasSubstr("\n  pass@1 by level\n    1   "));
}

TEST(Overview, HasALineForEachBenchmarkAndTheirMean) {
  const std::string table = overview({{"easy", summarise(rows_of(2, {2, 2, 1, 1}), 1)},
                                      {"hard", summarise(rows_of(1, {1, 0, 0, 0}), 1)}});

  // Errors: easy sqrt(1/12 / 4), hard sqrt(1/4 / 4); of the mean sqrt(sum of squares) / 2.
  EXPECT_THAT(table, HasSubstr("\neasy              4        2   75.00     14.43"));
  EXPECT_THAT(table, HasSubstr("\nhard              4        1   25.00     25.00"));
  EXPECT_THAT(table, HasSubstr("\nmean                           50.00     14.43"));
}

}  // namespace
}  // namespace stratagram::eval
