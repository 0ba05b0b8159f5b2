#include "eval/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"

namespace stratagram::eval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;

// A problem with `n` samples of which the first `c` are correct; sample i has i + 1 tokens.
Group problem_with(int64_t n, int64_t c) {
  Group group;
  for (int64_t i = 0; i < n; ++i) {
    Trajectory trajectory;
    trajectory.completion.token_ids.assign(i + 1, 7);
    trajectory.completion.finish = Finish::kStop;
    trajectory.judgement.verdict = i < c ? Verdict::kCorrect : Verdict::kWrong;
    group.trajectories.push_back(trajectory);
  }
  return group;
}

TEST(Summary, HasPassAtKOfKnownSamples) {
  const std::vector<Group> groups{problem_with(4, 0), problem_with(4, 1), problem_with(4, 4)};

  const Summary summary = summarise(groups, 1);

  EXPECT_THAT(summary.pass_at, ElementsAre(Key(1), Key(2), Key(4)));
  EXPECT_NEAR(summary.pass_at.at(1).mean, (0 + 0.25 + 1) / 3, 1e-12);
  // Of the 6 pairs 3 hold the one correct sample.
  EXPECT_NEAR(summary.pass_at.at(2).mean, (0 + 0.5 + 1) / 3, 1e-12);
  EXPECT_NEAR(summary.pass_at.at(4).mean, (0 + 1.0 + 1) / 3, 1e-12);
}

TEST(Summary, HasKThatAreNoPowerOfTwoOnlyForTheNumberOfSamples) {
  EXPECT_THAT(summarise(std::vector<Group>{problem_with(6, 2)}, 1).pass_at,
              ElementsAre(Key(1), Key(2), Key(4), Key(6)));
  EXPECT_THAT(summarise(std::vector<Group>{problem_with(1, 1)}, 1).pass_at, ElementsAre(Key(1)));
}

// Problems at 0, 1/2 and 1: variance 1/4, so the error is sqrt(1/4 / 3). Six independent samples
// would have given sqrt(3/10 / 6), which forgets that samples of a problem go together.
TEST(Summary, ClustersTheStandardErrorByProblem) {
  const std::vector<Group> groups{problem_with(2, 0), problem_with(2, 1), problem_with(2, 2)};

  const Summary summary = summarise(groups, 1);

  EXPECT_NEAR(summary.pass_at.at(1).standard_error.value(), std::sqrt(0.25 / 3), 1e-12);
}

TEST(Summary, HasAnIntervalAroundTheMeanThatItsSeedReproduces) {
  std::vector<Group> groups;
  groups.reserve(20);
  for (int64_t i = 0; i < 20; ++i) groups.push_back(problem_with(4, i % 5));

  const Estimate once = summarise(groups, 1).pass_at.at(1);
  const Estimate twice = summarise(groups, 1).pass_at.at(1);
  const Estimate other = summarise(groups, 2).pass_at.at(1);

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
  const Estimate estimate = summarise(std::vector<Group>{problem_with(4, 2)}, 1).pass_at.at(1);

  EXPECT_FALSE(estimate.standard_error.has_value());
  EXPECT_FALSE(estimate.interval.has_value());
}

TEST(Summary, CountsSharesOverAllSamples) {
  std::vector<Group> groups{problem_with(2, 1), problem_with(2, 1)};
  groups[1].trajectories[1].completion.finish = Finish::kLength;
  groups[1].trajectories[1].judgement.verdict = Verdict::kUnparseable;

  const Summary summary = summarise(groups, 1);

  EXPECT_EQ(summary.num_problems, 2);
  EXPECT_EQ(summary.num_samples, 2);
  EXPECT_DOUBLE_EQ(summary.truncated_share, 0.25);
  EXPECT_DOUBLE_EQ(summary.unparseable_share, 0.25);
  EXPECT_DOUBLE_EQ(summary.mean_length, 1.5);
}

TEST(Summary, RefusesProblemsWithDifferentNumbersOfSamplesAndNone) {
  expect_error(
      [] { (void)summarise(std::vector<Group>{problem_with(2, 1), problem_with(3, 1)}, 1); },
      ErrorKind::kInternal,
      "the same number of samples");
  expect_error([] { (void)summarise({}, 1); }, ErrorKind::kInternal, "at least one problem");
}

TEST(Summary, WritesJsonWithoutWhatIsUndefined) {
  EXPECT_EQ(to_json(summarise(std::vector<Group>{problem_with(1, 1)}, 1)).dump(),
            R"({"mean_length":1.0,"num_problems":1,"num_samples":1,"pass_at":{"1":{"mean":1.0}},)"
            R"("truncated_share":0.0,"unparseable_share":0.0})");
  const auto two =
      to_json(summarise(std::vector<Group>{problem_with(1, 1), problem_with(1, 0)}, 1));
  EXPECT_EQ(two["pass_at"]["1"]["standard_error"], 0.5);
  EXPECT_EQ(two["pass_at"]["1"]["interval_95"], nlohmann::json({0.0, 1.0}));
}

TEST(Summary, WritesPercentForTheTerminal) {
  const std::string text =
      to_text(summarise(std::vector<Group>{problem_with(2, 1), problem_with(2, 1)}, 1), "lab");

  EXPECT_THAT(text, HasSubstr("lab: 2 problems x 2 samples"));
  EXPECT_THAT(text, HasSubstr("pass@1    50.00 %  95 % interval 50.00 to 50.00"));
  EXPECT_THAT(text, HasSubstr("mean length 1.5 tokens"));
}

}  // namespace
}  // namespace stratagram::eval
