// grams mine, as it is typed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class MineCommand : public testing::Test {
 protected:
  MineCommand() {
    std::string rows;
    for (int i = 0; i < 6; ++i) {
      const json row = {{"id", i},
                        {"problem", "How many apples has Bob?"},
                        {"response", "Wait, let me check " + std::string(i + 1, 'x')},
                        {"correct", i % 3 != 2}};
      rows += row.dump() + "\n";
    }
    work.write("rows.jsonl", rows);
  }

  [[nodiscard]] ProgramResult mine(const std::vector<std::string>& more = {},
                                   const std::string& rows = "rows.jsonl") const {
    std::vector<std::string> words = {"grams", "mine", rows, "--out", "out.jsonl"};
    words.insert(words.end(), more.begin(), more.end());
    return work.run(words);
  }

  void expect_refused(int code,
                      const std::vector<std::string>& more,
                      const std::vector<std::string>& parts) const {
    SCOPED_TRACE(testing::PrintToString(more));
    expect_failure(mine(more), code, parts);
    EXPECT_FALSE(work.exists("out.jsonl"));
  }

  [[nodiscard]] std::vector<std::string> grams() const {
    std::vector<std::string> found;
    for (const std::string& line : lines_of(work.read("out.jsonl"))) {
      const json row = json::parse(line);
      if (row.contains("gram")) found.push_back(row.at("gram"));
    }
    return found;
  }

  // Rows that take the program several seconds.
  void write_much() const {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += fmt::format("w{} ", i * 7919 % 5003);
    std::string rows;
    for (int i = 0; i < 700; ++i) {
      rows += json({{"id", i}, {"response", text + std::to_string(i)}}).dump() + "\n";
    }
    work.write("much.jsonl", rows);
  }

  Workspace work;
};

TEST_F(MineCommand, WritesTheGramsAndSaysWhatWasRead) {
  const ProgramResult result = mine();

  expect_success(result);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(grams(), ElementsAre("wait let me check"));
  EXPECT_THAT(result.err, HasSubstr("out.jsonl: 1 grams; 2 fragments of longer ones left out"));
  EXPECT_THAT(result.err,
              HasSubstr("from 6 solutions of 1 problems, 30 words; 0 duplicates and 0 not known to "
                        "be correct left out"));
}

TEST_F(MineCommand, TakesLengthsBoundsAndMemoryFromItsFlags) {
  expect_success(mine({"--n",
                       "2",
                       "--only-correct",
                       "--min-documents",
                       "4",
                       "--merge",
                       "1.5",
                       "--contexts",
                       "0",
                       "--memory",
                       "64MiB",
                       "--scratch",
                       "."}));

  EXPECT_THAT(grams(), ElementsAre("let me", "me check", "wait let"));
  const std::string file = work.read("out.jsonl");
  EXPECT_THAT(lines_of(file).at(1), HasSubstr(R"("documents":4,)"));
  EXPECT_THAT(lines_of(file).at(1), HasSubstr(R"("contexts":[])"));
}

TEST_F(MineCommand, RefusesLengthsThatAreNoRangeOfOneToSixWords) {
  expect_refused(2, {"--n", "0-3"}, {"grams of 0 to 3 words: wanted 1 to 6"});
  expect_refused(
      2, {"--n", "5-3"}, {"grams of 5 to 3 words: wanted 1 to 6, the smaller number first"});
  expect_refused(2, {"--n", "3-9"}, {"grams of 3 to 9 words: wanted 1 to 6"});
  for (const char* text : {"x", "3-", "-3", "3-5-6", "3 - 5", "3.5", "99999999999999999999"}) {
    expect_refused(
        2,
        {std::string("--n=") + text},
        {"--n: wanted a number of words or a range like 3-5, got '" + std::string(text) + "'"});
  }
}

TEST_F(MineCommand, RefusesNumbersBeyondTheirRanges) {
  expect_refused(2, {"--min-documents", "0"}, {"--min-documents"});
  expect_refused(2, {"--contexts", "101"}, {"--contexts"});
  expect_refused(2, {"--contexts", "-1"}, {"--contexts"});
  expect_refused(2, {"--merge", "0"}, {"--merge"});
  expect_refused(2, {"--merge", "nan"}, {"wanted a share to merge above 0, got nan"});
  expect_refused(2, {"--memory", "1MiB"}, {"--memory"});
  expect_refused(2, {"--memory", "much"}, {"--memory"});
}

TEST_F(MineCommand, NeverWritesOverAFile) {
  work.write("out.jsonl", "mine");

  expect_failure(mine(), 2, {"out.jsonl"});
  EXPECT_EQ(work.read("out.jsonl"), "mine");
}

TEST_F(MineCommand, NamesAFileThatIsNotThere) {
  expect_failure(mine({}, "absent.jsonl"), 3, {"stratagram grams mine", "absent.jsonl"});
  EXPECT_FALSE(work.exists("out.jsonl"));
}

TEST_F(MineCommand, NamesAScratchFolderThatIsNotThere) {
  expect_refused(4, {"--scratch", "absent"}, {"absent: no scratch file can be made there"});
}

TEST_F(MineCommand, SaysThatTheScratchFolderIsFull) {
  write_much();
  ProgramCall call{.arguments = {"grams", "mine", "much.jsonl", "--out", "out.jsonl"}};
  call.max_file_bytes = 1 << 20;

  expect_failure(work.run(call), 4, {"the scratch file cannot be written", "make room"});
  EXPECT_FALSE(work.exists("out.jsonl"));
}

TEST_F(MineCommand, SaysThatNothingIsKnownToBeCorrect) {
  work.write("rows.jsonl", "{\"response\": \"so\"}\n");

  expect_refused(
      3, {"--only-correct"}, {"1 rows hold no solution that counts", "--field correct="});
}

TEST_F(MineCommand, SaysThatAFileIsEmpty) {
  work.write("rows.jsonl", "");

  expect_refused(3, {}, {"0 rows hold no solution that counts"});
}

TEST_F(MineCommand, WarnsWhenNoGramIsFrequentEnough) {
  const ProgramResult result = mine({"--min-documents", "7"});

  expect_success(result);
  EXPECT_THAT(result.err, HasSubstr("no gram occurs in 7 solutions; mine more of them"));
  EXPECT_THAT(grams(), ElementsAre());
}

TEST_F(MineCommand, RefusesAPipeAtOnce) {
  const ProgramResult result = work.run(ProgramCall{
      .shell_line = "cat rows.jsonl | stratagram grams mine /dev/stdin --out out.jsonl"});

  expect_failure(result, 3, {"/dev/stdin: is no file that can be read twice"});
}

TEST_F(MineCommand, TellsEachStageOnALineOfItsOwnWhenPiped) {
  const std::string err = mine().err;

  for (const char* line : {"reading 0\n", "counting 0/6\n", "describing 0/6\n", "quoting 0/6\n"}) {
    EXPECT_THAT(err, HasSubstr(line));
  }
  EXPECT_THAT(err, AllOf(Not(HasSubstr("\r")), Not(HasSubstr("\x1b"))));
}

TEST_F(MineCommand, LeavesNothingBehindWhenInterrupted) {
  write_much();
  for (const char* stage : {"reading", "counting", "describing"}) {
    SCOPED_TRACE(stage);
    const Files before = work.files();
    const ProgramResult result = work.run(ProgramCall{
        .arguments = {"grams", "mine", "much.jsonl", "--out", "out.jsonl", "--scratch", "."},
        .signals = {{.number = SIGINT, .after = stage}}});

    expect_failure(result, 6, {"stopped", "run the command again"});
    EXPECT_EQ(work.files().size(), before.size());
    EXPECT_FALSE(work.exists("out.jsonl"));
  }
}

}  // namespace
}  // namespace stratagram
