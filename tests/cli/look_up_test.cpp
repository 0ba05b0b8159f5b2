// models, doctor, config, data path and verify: what they print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Models, SaysWhatAFolderHolds) {
  const Workspace work;

  const ProgramResult result = work.run({"models", "model"});

  expect_success(result);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, ContainsRegex("family +qwen3\n"));
  // 387 x 16 embedding; 4 x 256 + 3 x 384 in the layer less the narrower keys and values; norms.
  EXPECT_THAT(result.out, ContainsRegex("parameters +8176\n"));
  EXPECT_THAT(result.out, ContainsRegex("vocabulary +387 rows, 387 tokens, head tied\n"));
  EXPECT_THAT(result.out, ContainsRegex("end tokens +382 [(]<[|]im_end[|]>[)]\n"));
}

TEST(Doctor, SaysWhatTheMachineCanDo) {
  const ProgramResult result = run_program(
      {.arguments = {"doctor"}, .environment = {{"STRATAGRAM_DATA", "/somewhere/data"}}});

  expect_success(result);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, ContainsRegex("libtorch +2[.]"));
  EXPECT_THAT(result.out, ContainsRegex("threads +1\n"));
  EXPECT_THAT(result.out, ContainsRegex("STRATAGRAM_DATA +/somewhere/data\n"));
}

TEST(Doctor, SaysThatTheDataFolderIsAbsent) {
  const ProgramResult result =
      run_program({.arguments = {"doctor"}, .environment = {{"STRATAGRAM_SHARE", "/nowhere"}}});

  expect_success(result);
  EXPECT_THAT(result.out, ContainsRegex("data folder +absent: .*STRATAGRAM_SHARE"));
}

TEST(ConfigCommand, PrintsDefaultRangeUnitAndOriginOfAKey) {
  const ProgramResult result = run_program({.arguments = {"config"}});

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("[rollout]\n"));
  EXPECT_THAT(result.out,
              HasSubstr("  max_new_tokens = 512\n      length budget of a response (tokens; at "
                        "least 1; default: ours)\n"));
}

TEST(ConfigCommand, RefusesACommandWithoutAConfiguration) {
  expect_failure(run_program({.arguments = {"config", "eval"}}),
                 2,
                 {"stratagram config: usage error", "eval", "train", "sft"});
}

TEST(ConfigCommand, PrintsUnitAndMeaningOfEveryNameInAMetricsFile) {
  const Workspace work;
  expect_success(work.run({"train", "run.toml", "--out", "run", "--set", "run.num_steps=1"}));

  const ProgramResult result = run_program({.arguments = {"config", "--metrics"}});

  expect_success(result);
  EXPECT_THAT(result.out, ContainsRegex("accuracy/mean +[a-z0-9%]+ +[a-z]"));
  const json record = json::parse(lines_of(work.read("run/metrics.jsonl")).at(0));
  EXPECT_GE(record.size(), 20);
  for (const auto& [name, value] : record.items()) {
    EXPECT_THAT("\n" + result.out, HasSubstr("\n" + name + " "));
  }
}

TEST(ConfigCommand, PrintsNoMetricsUnlessAskedAndNoKeysThen) {
  EXPECT_THAT(run_program({.arguments = {"config"}}).out, Not(HasSubstr("accuracy/mean")));
  EXPECT_THAT(run_program({.arguments = {"config", "--metrics"}}).out, Not(HasSubstr("[rollout]")));
}

TEST(DataFetch, WantsNamesOrAllAndLooksNamesUpBeforeAnythingIsAskedFor) {
  const auto fetch = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"data", "fetch"});
    // Nobody listens on port 1.
    return run_program({.arguments = words,
                        .environment = {{"STRATAGRAM_DATA_ENDPOINT", "http://127.0.0.1:1"},
                                        {"STRATAGRAM_CACHE", "/nowhere"}}});
  };

  expect_failure(fetch({}), 2, {"stratagram data fetch: ", "NAME", "--all"});
  expect_failure(fetch({"math500", "--all"}), 2, {"NAME", "--all"});
  expect_failure(fetch({"math500", "math50"}), 3, {"'math50'; did you mean 'math500'?"});
}

TEST(DataPath, FindsASetInTheFolderOfTheEnvironment) {
  const Workspace work;
  work.write("sets/benchmarks/tiny.jsonl", "{}\n");

  const ProgramResult result =
      work.run(ProgramCall{.arguments = {"data", "path", "tiny"},
                           .environment = {{"STRATAGRAM_DATA", work.path("sets").string()}}});

  expect_success(result);
  EXPECT_EQ(result.out, work.path("sets/benchmarks/tiny.jsonl").string() + "\n");
}

TEST(Verify, SaysVerdictReasonAndWhatWasRead) {
  const auto verify = [](const std::string& gold, const std::string& answer) {
    return run_program({.arguments = {"verify", "--gold", gold, "--answer", answer}}).out;
  };

  EXPECT_THAT(verify("1/2", "\\boxed{0.5}"), ContainsRegex("^correct [(].*[)]: read '0.5', gold"));
  EXPECT_THAT(verify("1/2", "0.6"), ContainsRegex("^wrong [(].*[)]: read '0.6', gold '1/2'\n"));
  EXPECT_THAT(verify("1/2", "so \\boxed{0.5}"),
              HasSubstr("found    by rule boxed at bytes [10, 13)"));
  EXPECT_THAT(verify("1/2", "0.6"), HasSubstr("found    as a bare answer\n"));
  EXPECT_THAT(verify("1/2", "0.6"), ContainsRegex("\ngold     1/2\nanswer   3/5\n"));
}

TEST(Verify, SeeksTheAnswerOfASentenceButNotOfABareAnswer) {
  const auto verify = [](const std::string& gold, const std::string& answer) {
    return run_program({.arguments = {"verify", "--gold", gold, "--answer", answer}}).out;
  };

  EXPECT_THAT(verify("34", "So the angle is 34 degrees."),
              HasSubstr("found    by rule last_number"));
  EXPECT_THAT(verify("34", "So the angle is 34 degrees."), StartsWith("correct"));
  EXPECT_THAT(verify("34", "So the angle is not 34 degrees."), StartsWith("wrong"));
  EXPECT_THAT(verify("34", "33 or 34"), StartsWith("wrong"));
  EXPECT_THAT(verify("34", "sqrt 34"), HasSubstr("found    as a bare answer\n"));
}

TEST(Verify, FollowsTheKeysThatAreSet) {
  const auto verify = [](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"verify", "--gold", "1/3", "--answer", "0.333"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program({.arguments = words});
  };

  EXPECT_THAT(verify({}).out, HasSubstr("wrong (different_value)"));
  EXPECT_THAT(verify({"--set", "reward.significant_digits=3"}).out,
              HasSubstr("correct (equal_rounded)"));
  expect_failure(verify({"--set", "reward.digits=3"}), 2, {"unknown key", "'reward.digits'"});
}

TEST(Verify, JudgesEveryPairOfAFileAndKeepsTheIds) {
  const Workspace work;
  work.write("pairs.jsonl",
             "{\"gold\": \"3\", \"answer\": \"so \\\\boxed{3}\", \"id\": \"a\"}\n"
             "{\"gold\": \"3\", \"answer\": \"4\"}\n");

  const ProgramResult result = work.run({"verify", "--pairs", "pairs.jsonl"});

  expect_success(result);
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 2);
  const json first = json::parse(lines[0]);
  EXPECT_EQ(first.at("verdict"), "correct");
  EXPECT_EQ(first.at("id"), "a");
  EXPECT_EQ(first.at("predicted"), "3");
  EXPECT_EQ(json::parse(lines[1]).at("verdict"), "wrong");
}

TEST(Verify, NamesTheLineOfAPairThatLacksAField) {
  const Workspace work;
  work.write("pairs.jsonl", "{\"gold\": \"3\"}\n");

  expect_failure(work.run({"verify", "--pairs", "pairs.jsonl"}),
                 3,
                 {"pairs.jsonl:1", "field 'answer'", "got nothing"});
}

}  // namespace
}  // namespace stratagram
