#include "judge/failures.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;

json row(const std::string& problem, const std::string& response, bool correct, int64_t step = 0) {
  return {{"problem", problem}, {"response", response}, {"correct", correct}, {"step", step}};
}

class SampleFailures : public testing::Test {
 protected:
  [[nodiscard]] Failures sample(const std::vector<json>& rows,
                                const FailureOptions& options) const {
    std::string text;
    for (const json& item : rows) text += item.dump() + "\n";
    const std::vector<std::filesystem::path> paths{folder.write("rows.jsonl", text)};
    text::SolutionReader reader(paths, {});
    return sample_failures(reader, options);
  }

  static std::set<std::string> responses(const FailureGroup& group) {
    std::set<std::string> all;
    for (const Failure& failure : group.sample) all.insert(failure.solution.response);
    return all;
  }

  // Of each of `problems`, failures a, b and c, at one step.
  static std::vector<json> many(int problems) {
    std::vector<json> rows;
    for (int i = 0; i < problems; ++i) {
      for (const char* response : {"a", "b", "c"}) {
        rows.push_back(row(std::to_string(i), std::to_string(i) + response, false));
      }
    }
    return rows;
  }

  TempFolder folder;
};

TEST_F(SampleFailures, TakesTheFailedAloneWithTheirPlaces) {
  const Failures failures =
      sample({row("p", "right", true), row("q", "wrong", false, 3)}, {.per_step = 5});

  ASSERT_EQ(failures.groups.size(), 2U);
  EXPECT_EQ(failures.groups[0].step, 0);
  EXPECT_EQ(failures.groups[0].num_responses, 1);
  EXPECT_TRUE(failures.groups[0].sample.empty());
  EXPECT_EQ(failures.groups[1].step, 3);
  ASSERT_EQ(failures.groups[1].sample.size(), 1U);
  EXPECT_EQ(failures.groups[1].sample[0].solution.response, "wrong");
  EXPECT_THAT(failures.groups[1].sample[0].where, testing::HasSubstr("rows.jsonl:2"));
}

TEST_F(SampleFailures, TakesOneFailureOfAProblem) {
  const Failures failures = sample(many(4), {.per_step = 10});

  const FailureGroup& group = failures.groups.at(0);
  EXPECT_EQ(group.num_failures, 12);
  EXPECT_EQ(group.num_failed_problems, 4);
  std::set<std::string> problems;
  for (const Failure& failure : group.sample) problems.insert(failure.solution.problem);
  EXPECT_EQ(problems.size(), 4U);
  EXPECT_EQ(group.sample.size(), 4U);
}

TEST_F(SampleFailures, TakesNoMoreThanItWasToldAndTheSmallerSampleIsInTheLarger) {
  const auto small = responses(sample(many(40), {.per_step = 5}).groups.at(0));
  const auto large = responses(sample(many(40), {.per_step = 15}).groups.at(0));

  EXPECT_EQ(small.size(), 5U);
  EXPECT_EQ(large.size(), 15U);
  EXPECT_TRUE(std::ranges::includes(large, small));
}

TEST_F(SampleFailures, DependsOnTheSeedAndNotOnTheOrderOfTheRows) {
  std::vector<json> rows = many(40);
  const auto before = responses(sample(rows, {.per_step = 8, .seed = 1}).groups.at(0));
  const auto other = responses(sample(rows, {.per_step = 8, .seed = 2}).groups.at(0));
  std::ranges::reverse(rows);

  EXPECT_EQ(responses(sample(rows, {.per_step = 8, .seed = 1}).groups.at(0)), before);
  EXPECT_NE(other, before);
}

TEST_F(SampleFailures, GivesEachFailureOfAProblemTheSameChance) {
  std::map<char, int> taken;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    for (const std::string& text :
         responses(sample(many(20), {.per_step = 20, .seed = seed}).groups.at(0))) {
      ++taken[text.back()];
    }
  }

  // 600 draws: 200 each, five standard deviations are 5 * sqrt(600 * 2 / 9) = 58.
  for (const char last : {'a', 'b', 'c'}) EXPECT_NEAR(taken[last], 200, 58) << last;
}

TEST_F(SampleFailures, TakesStepsTogetherWhenTold) {
  std::vector<json> rows;
  for (int64_t step = 0; step < 7; ++step) rows.push_back(row("p", "w", false, step));

  const Failures failures = sample(rows, {.per_step = 9, .steps_together = 3});

  ASSERT_EQ(failures.groups.size(), 3U);
  EXPECT_EQ(failures.groups[0].step, 0);
  EXPECT_EQ(failures.groups[1].step, 3);
  EXPECT_EQ(failures.groups[1].num_failures, 3);
  EXPECT_EQ(failures.groups[2].step, 6);
  EXPECT_EQ(failures.groups[2].num_failures, 1);
}

TEST_F(SampleFailures, CountsRowsThatSayNothingOfCorrectness) {
  json unknown = row("p", "x", true);
  unknown.erase("correct");

  EXPECT_EQ(sample({unknown, row("p", "y", false)}, {}).num_unknown, 1);
  expect_error([&] { (void)sample({unknown}, {}); }, ErrorKind::kData, "--field correct=FIELD");
}

}  // namespace
}  // namespace stratagram::judge
