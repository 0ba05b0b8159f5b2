// grams coverage: what a catalogue finds in responses, and what it misses.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Two steps; the second has given up "what if we try" for words that paper-v3 does not know.
class CoverageCommand : public testing::Test {
 protected:
  CoverageCommand() {
    for (int i = 0; i < 5; ++i) {
      rows += row(0, fmt::format("What if we try {}. It is done", i));
      rows += row(9, fmt::format("Perhaps turn things around {}. It is done", i));
    }
    work.write("rows.jsonl", rows);
  }

  static std::string row(int step, const std::string& response) {
    return json({{"step", step}, {"problem", "ask"}, {"model", "m"}, {"response", response}})
               .dump() +
           "\n";
  }

  [[nodiscard]] ProgramResult cover(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"grams", "coverage", "paper-v3", "rows.jsonl"};
    words.insert(words.end(), more.begin(), more.end());
    return work.run(words);
  }

  std::string rows;
  Workspace work;
};

TEST_F(CoverageCommand, GivesPlanningWordsByStep) {
  const ProgramResult result = cover({"--json"});

  expect_success(result);
  const json found = json::parse(result.out);
  ASSERT_EQ(found.at("groups").size(), 2U);
  const json& first = found.at("groups")[0];
  EXPECT_EQ(first.at("step"), 0);
  EXPECT_EQ(first.at("source"), "m");
  EXPECT_EQ(first.at("responses"), 5);
  EXPECT_EQ(first.at("words"), 5 * 8);
  EXPECT_EQ(first.at("planning_words"), 5 * 4);
  EXPECT_EQ(first.at("planning_word_share"), 0.5);
  EXPECT_EQ(first.at("occurrences").at("branching"), 5);
  EXPECT_EQ(found.at("groups")[1].at("planning_words"), 0);
  EXPECT_EQ(found.at("all").at("grams"), 1);
  EXPECT_FALSE(first.contains("tokens"));
}

TEST_F(CoverageCommand, NamesFrequentGramsThatNoGramOfTheCatalogueTouchesLateOnesFirst) {
  const json found = json::parse(cover({"--json"}).out);

  const json& unlisted = found.at("unlisted");
  ASSERT_FALSE(unlisted.empty());
  EXPECT_EQ(unlisted[0].at("gram"), "it is done") << "in all responses";
  EXPECT_EQ(unlisted[1].at("gram"), "perhaps turn things around");
  EXPECT_EQ(unlisted[1].at("early"), 0.0);
  EXPECT_EQ(unlisted[1].at("late"), 1.0);
  EXPECT_THAT(unlisted.dump(), Not(HasSubstr("what if we")));
}

// A policy that repeats itself: the share is of what differs, and so is its limit.
TEST_F(CoverageCommand, LimitsTheShareThatItPrints) {
  std::string repeated = rows;
  for (int i = 0; i < 90; ++i) repeated += row(9, "Always this and nothing else at all");
  work.write("rows.jsonl", repeated);

  const json found = json::parse(cover({"--json", "--min-share", "0.4"}).out);

  EXPECT_THAT(found.at("unlisted").dump(), HasSubstr("perhaps turn things around"));
}

TEST_F(CoverageCommand, PrintsTablesWithWhatNeverOccurs) {
  const ProgramResult result = cover();

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("paper-v3: 1 of 186 grams occur in 10 responses\n"));
  EXPECT_THAT(result.out, HasSubstr("185 grams never occur:\n"));
  EXPECT_THAT(result.out, HasSubstr("and 155 more, which --json lists\n"));
  EXPECT_THAT(result.out, HasSubstr("  perhaps turn things around\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
}

TEST_F(CoverageCommand, WithoutUnlistedGramsMinesNothing) {
  const ProgramResult result = cover({"--unlisted", "0", "--json"});

  expect_success(result);
  EXPECT_EQ(json::parse(result.out).at("unlisted"), json::array());
}

TEST_F(CoverageCommand, CountsPlanningTokensOfRowsThatHaveTokenIds) {
  expect_success(work.run({"generate",
                           "--model",
                           "model",
                           "--prompt",
                           "one",
                           "--max-new-tokens",
                           "6",
                           "--out",
                           "made.jsonl"}));

  const ProgramResult result = work.run({"grams",
                                         "coverage",
                                         "paper-v3",
                                         "made.jsonl",
                                         "--tokenizer",
                                         "model",
                                         "--unlisted",
                                         "0",
                                         "--json"});

  expect_success(result);
  const json made = json::parse(work.read("made.jsonl"));
  EXPECT_EQ(json::parse(result.out).at("all").at("tokens"), made.at("token_ids").size());
}

TEST_F(CoverageCommand, RefusesTokenIdsThatSpellAnotherText) {
  work.write("odd.jsonl", "{\"response\": \"so\", \"token_ids\": [1, 2, 3]}\n");

  expect_failure(work.run({"grams", "coverage", "paper-v3", "odd.jsonl", "--tokenizer", "model"}),
                 3,
                 {"odd.jsonl:1", "token_ids", "name the model that wrote it"});
}

TEST_F(CoverageCommand, NamesBrokenRowsMissingFilesAndEmptyOnes) {
  work.write("rows.jsonl", rows + "{\"response\": 3}\n");
  expect_failure(cover(), 3, {"rows.jsonl:11", "response"});
  work.write("rows.jsonl", "\n");
  expect_failure(cover(), 3, {"rows.jsonl", "no response"});
  expect_failure(work.run({"grams", "coverage", "paper-v3", "none.jsonl"}), 3, {"none.jsonl"});
  expect_failure(work.run({"grams", "coverage", "paper-v3"}), 2, {"ROLLOUTS is required"});
  expect_failure(work.run({"grams", "coverage", "mine", "rows.jsonl"}), 3, {"mine: no such file"});
  expect_failure(cover({"--min-share", "2"}), 2, {"--min-share"});
}

}  // namespace
}  // namespace stratagram
