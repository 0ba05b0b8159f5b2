// Problem sets and rollouts that cannot be used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using testing::HasSubstr;

struct Fault {
  const char* rows;
  std::vector<std::string> parts;
};

constexpr const char* kGood = "{\"id\": \"a\", \"problem\": \"x\", \"answer\": \"1\"}\n";

std::vector<Fault> faults() {
  const std::string where = "set.jsonl:2";
  return {
      {"{\"id\": \"b\", \"problem\": ", {where, "wanted one JSON object, got broken text"}},
      {"[1, 2]", {where, "wanted a JSON object, got [1,2]"}},
      {"{\"id\": \"b\", \"problem\": \"x\"}", {where, "field 'answer'", "got nothing"}},
      {"{\"id\": \"b\", \"problem\": 7, \"answer\": \"1\"}", {where, "field 'problem'", "got 7"}},
      {"{\"id\": \"b\", \"problem\": \" \", \"answer\": \"1\"}", {where, "'problem' is blank"}},
      {"{\"id\": \"a\", \"problem\": \"y\", \"answer\": \"1\"}",
       {where, "id 'a' came before", "set.jsonl:1", "unique"}},
      {"{\"id\": \"b\", \"problem\": \"\xff\", \"answer\": \"1\"}", {where, "broken text"}},
  };
}

TEST(ProblemFiles, EachFaultIsNamedWithFileAndLine) {
  const Workspace work;
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(fault.rows);
    work.write("set.jsonl", std::string(kGood) + fault.rows + "\n");

    expect_failure(
        work.run({"train", "run.toml", "--out", "run", "--set", "data.problems=set.jsonl"}),
        3,
        fault.parts);
    EXPECT_FALSE(work.exists("run"));
  }
}

TEST(ProblemFiles, EveryCommandThatReadsThemNamesTheLine) {
  const Workspace work;
  work.write("set.jsonl", std::string(kGood) + kGood);
  const std::vector<std::string> parts = {"set.jsonl:2", "id 'a' came before"};

  expect_failure(
      work.run({"eval", "--model", "model", "--benchmarks", "set.jsonl", "--out", "results"}),
      3,
      parts);
  expect_failure(work.run({"generate", "--model", "model", "--problems", "set.jsonl"}), 3, parts);
  expect_failure(
      work.run({"sft", "sft.toml", "--out", "run", "--set", "data.problems=set.jsonl"}), 3, parts);
  EXPECT_FALSE(work.exists("run"));
  EXPECT_FALSE(work.exists("results"));
}

TEST(ProblemFiles, ABlankAnswerIsRefusedUnlessTheConfigurationLeavesItOut) {
  const Workspace work;
  work.write("set.jsonl",
             std::string(kGood) + "{\"id\": \"b\", \"problem\": \"y\", \"answer\": \" \"}\n");
  std::vector<std::string> command = {
      "train", "run.toml", "--check", "--set", "data.problems=set.jsonl"};

  expect_failure(work.run(command),
                 3,
                 {"set.jsonl:2", "id 'b'", "'answer' is blank", "data.skip_blank_answers"});
  command.insert(command.end(), {"--set", "data.skip_blank_answers=true"});
  const ProgramResult lenient = work.run(command);

  expect_success(lenient);
  EXPECT_THAT(lenient.err, HasSubstr("1 problems have no answer"));
}

TEST(ProblemFiles, AnEmptySetIsRefused) {
  const Workspace work;
  work.write("set.jsonl", "\n");

  expect_failure(
      work.run({"train", "run.toml", "--out", "run", "--set", "data.problems=set.jsonl"}),
      3,
      {"set.jsonl", "wanted at least one problem", "found none"});
  EXPECT_FALSE(work.exists("run"));
}

TEST(ProblemFiles, AMissingSetNamesThePlacesThatWereTried) {
  const Workspace work;
  const std::vector<std::string> parts = {"problem set 'aime'", "STRATAGRAM_DATA"};

  expect_failure(work.run({"generate", "--model", "model", "--problems", "aime"}), 3, parts);
  expect_failure(work.run({"eval", "--model", "model", "--benchmarks", "aime"}), 3, parts);
  expect_failure(
      work.run({"train", "run.toml", "--out", "run", "--set", "data.problems=aime"}), 3, parts);
}

TEST(ProblemFiles, APromptBeyondTheModelsPositionsIsNamedBeforeAnythingIsWritten) {
  const Workspace work;
  std::string text;
  for (int i = 0; i < 600; ++i) text += "7 ";
  work.write("set.jsonl",
             std::string(kGood) + "{\"id\": \"long\", \"problem\": \"" + text +
                 "\", \"answer\": \"1\"}\n");
  const std::vector<std::string> parts = {
      "problem 'long'", "rollout.max_new_tokens", "512 positions", "shorten"};

  expect_failure(
      work.run({"train", "run.toml", "--out", "run", "--set", "data.problems=set.jsonl"}),
      2,
      parts);
  expect_failure(work.run({"generate",
                           "--model",
                           "model",
                           "--problems",
                           "set.jsonl",
                           "--max-new-tokens",
                           "8",
                           "--out",
                           "out.jsonl"}),
                 2,
                 parts);
  EXPECT_FALSE(work.exists("run"));
  EXPECT_FALSE(work.exists("out.jsonl"));
  EXPECT_FALSE(work.exists("out.part.jsonl"));
}

TEST(ProblemFiles, ASetWithoutSolutionsIsNoSupervisedStart) {
  const Workspace work;
  work.write("set.jsonl", kGood);

  expect_failure(work.run({"sft", "sft.toml", "--out", "run", "--set", "data.problems=set.jsonl"}),
                 3,
                 {"set.jsonl", "wanted problems with a 'solution'", "of 1 problems 1 have none"});
  EXPECT_FALSE(work.exists("run"));
}

TEST(ProblemFiles, ScoreNamesTheRowThatItCannotScore) {
  const Workspace work;
  const std::vector<Fault> rows = {
      {"{\"prompt\": \"x\"}", {"rows.jsonl:2", "field 'response'"}},
      {"{\"prompt\": \"x\", \"response\": \"\"}", {"rows.jsonl:2", "need a token each"}},
      {"{\"prompt\": \"x\", \"token_ids\": [1, 387]}", {"rows.jsonl:2", "id 387", "0 to 386"}},
      {"{\"prompt\": \"x\", \"token_ids\": \"1\"}", {"rows.jsonl:2", "field 'token_ids'"}},
  };
  for (const Fault& row : rows) {
    SCOPED_TRACE(row.rows);
    work.write("rows.jsonl", std::string("{\"prompt\": \"x\", \"response\": \"y\"}\n") + row.rows);

    expect_failure(
        work.run({"score", "--model", "model", "--rollouts", "rows.jsonl", "--out", "out.jsonl"}),
        3,
        row.parts);
    EXPECT_FALSE(work.exists("out.jsonl"));
  }
}

TEST(ProblemFiles, AMissingFileOfRowsIsADataErrorForEveryCommand) {
  const Workspace work;
  const std::vector<std::string> parts = {"none.jsonl", "cannot be read"};

  expect_failure(
      work.run({"score", "--model", "model", "--rollouts", "none.jsonl", "--out", "o"}), 3, parts);
  expect_failure(work.run({"verify", "--pairs", "none.jsonl"}), 3, parts);
  // What may be a file or a folder is told otherwise.
  expect_failure(work.run({"grams", "tag", "none.jsonl"}),
                 3,
                 {"none.jsonl", "there is no such file or folder"});
}

}  // namespace
}  // namespace stratagram
