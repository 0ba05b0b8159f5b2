// stratagram grams review, as a person runs it: the page as a process that may be killed, the
// table, and what a review leaves for other commands.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/file.h"
#include "grams/candidates.h"
#include "grams/selection.h"
#include "tests/cli/workspace.h"
#include "tests/support/page_client.h"
#include "tests/support/running_program.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr int kNumGrams = 40;

class ReviewCommand : public testing::Test {
 protected:
  Workspace work;

  ReviewCommand() {
    grams::CandidateList list;
    list.corpus.digest = std::string(64, 'a');
    list.corpus.num_documents = 1000;
    list.corpus.num_problems = 1000;
    for (int i = 0; i < kNumGrams; ++i) {
      list.candidates.push_back({.text = gram(i), .count = 100 - i, .document_frequency = 100 - i});
    }
    list.save(work.path("candidates.jsonl"));
  }
  // A table to take in: a decision on each gram of a number.
  static std::string table_of(const std::vector<std::pair<int, std::string>>& decisions) {
    std::string text = "gram\tdecision\n";
    for (const auto& [number, decision] : decisions) {
      text += fmt::format("{}\t{}\n", gram(number), decision);
    }
    return text;
  }
  static std::string gram(int number) { return fmt::format("gram number {}", number); }
  std::vector<std::string> arguments(const std::string& reviewer,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"grams",
                                      "review",
                                      work.path("candidates.jsonl").string(),
                                      "--log",
                                      work.path("log.jsonl").string(),
                                      "--reviewer",
                                      reviewer};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  ProgramResult review(const std::vector<std::string>& more,
                       const std::string& reviewer = "ann") const {
    return work.run(arguments(reviewer, more));
  }
  grams::Selection selection(const std::string& name) const {
    return grams::Selection::load(work.path(name));
  }
};

TEST_F(ReviewCommand, KilledAfterDecisionsLosesNone) {
  int num_answered = 0;
  {
    RunningProgram program(arguments("ann"));
    PageOf page(program);
    for (int i = 0; i < 25; ++i) {
      const json answer = page.call("/api/decide", {{"action", "accept"}, {"gram", gram(i)}});
      if (answer.is_object()) ++num_answered;
    }
    EXPECT_FALSE(program.stop(SIGKILL).has_value());
  }

  RunningProgram again(arguments("ann"));
  const json start = PageOf(again).call("/api/start", json::object());

  EXPECT_EQ(num_answered, 25);
  EXPECT_EQ(start.at("progress").at("accepted"), 25);
}

TEST_F(ReviewCommand, ALineCutByACrashIsSaidAndTheRestKept) {
  work.write("t.tsv", table_of({{0, "accept"}, {1, "reject"}}));
  expect_success(review({"--tsv-in", "t.tsv"}));
  const std::string whole = work.read("log.jsonl");
  work.write("log.jsonl", whole.substr(0, whole.size() - 10));

  RunningProgram program(arguments("ann"));
  const json progress = PageOf(program).call("/api/start", json::object()).at("progress");

  EXPECT_EQ(progress.at("accepted"), 1);
  EXPECT_EQ(progress.at("rejected"), 0);
  EXPECT_THAT(program.err(), HasSubstr("its last line was cut short"));
}

TEST_F(ReviewCommand, InterruptedEndsWithSuccessAndLeavesTheLogWhole) {
  RunningProgram program(arguments("ann"));
  PageOf(program).call("/api/decide", {{"action", "reject"}, {"gram", gram(3)}});

  EXPECT_EQ(program.stop(SIGINT), 0);

  EXPECT_THAT(work.read("log.jsonl"),
              HasSubstr("\"action\":\"reject\",\"gram\":\"gram number 3\""));
}

TEST_F(ReviewCommand, OneLogIsWrittenByOneProgram) {
  RunningProgram program(arguments("ann"));
  PageOf page(program);

  expect_failure(review({}, "bob"), 3, {"log.jsonl", "another process is writing it"});

  EXPECT_TRUE(page.call("/api/decide", {{"action", "accept"}, {"gram", gram(0)}}).is_object());
}

TEST_F(ReviewCommand, ATableGoesOutAndItsDecisionsComeIn) {
  expect_success(review({"--tsv-out", "out.tsv"}));
  std::string table = work.read("out.tsv");
  EXPECT_THAT(table, HasSubstr("\ngram number 7\t\t\t\t93\t93\t"));
  EXPECT_FALSE(work.exists("log.jsonl"));
  table.replace(
      table.find(gram(7) + "\t\t\t"), gram(7).size() + 3, gram(7) + "\taccept\tbranching\t");
  work.write("out.tsv", table);

  expect_success(review({"--tsv-in", "out.tsv", "--out", "selection.jsonl"}));

  EXPECT_THAT(work.read("log.jsonl"),
              HasSubstr("\"gram\":\"gram number 7\",\"role\":\"branching\""));
  EXPECT_EQ(selection("selection.jsonl").choices.at(0).role, grams::Role::kBranching);
}

TEST_F(ReviewCommand, ATableWithAFaultIsRefusedWholeWithItsLine) {
  work.write("t.tsv",
             "gram\tdecision\ngram number 0\taccept\nno such gram\taccept\ngram number 1\tmaybe\n");

  const ProgramResult result = review({"--tsv-in", "t.tsv"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("t.tsv:3: 'no such gram'"));
  EXPECT_THAT(result.err, HasSubstr("t.tsv:4: 'gram number 1': wanted accept"));
  EXPECT_FALSE(work.exists("log.jsonl"));
}

TEST_F(ReviewCommand, ASelectionHoldsWhatTheReviewersAgreeOn) {
  work.write("ann.tsv", table_of({{0, "accept"}, {1, "accept"}}));
  work.write("bob.tsv", table_of({{0, "accept"}, {1, "reject"}}));
  expect_success(review({"--tsv-in", "ann.tsv"}, "ann"));
  expect_success(review({"--tsv-in", "bob.tsv"}, "bob"));

  expect_success(review({"--out", "eve.jsonl"}, "eve"));
  expect_success(review({"--out", "bob.jsonl"}, "bob"));

  EXPECT_EQ(selection("eve.jsonl").choices.size(), 1);
  EXPECT_EQ(selection("eve.jsonl").method, "review");
  ASSERT_EQ(selection("bob.jsonl").choices.size(), 2);
  EXPECT_FALSE(selection("bob.jsonl").choices[1].strategic);
}

// Mined again with more text: what was decided is not asked twice.
TEST_F(ReviewCommand, TakesUpTheDecisionsOnEarlierCandidates) {
  work.write("ann.tsv", table_of({{0, "accept"}, {1, "reject"}, {2, "accept"}}));
  expect_success(review({"--tsv-in", "ann.tsv"}, "ann"));
  grams::CandidateList again = grams::CandidateList::load(work.path("candidates.jsonl"));
  again.corpus.digest = std::string(64, 'b');
  again.candidates.erase(again.candidates.begin() + 2);
  again.save(work.path("again.jsonl"));
  const auto take_up = [&] {
    return work.run({"grams",
                     "review",
                     "again.jsonl",
                     "--log",
                     "new.jsonl",
                     "--earlier",
                     "log.jsonl",
                     "--reviewer",
                     "bob",
                     "--out",
                     "out.jsonl"});
  };

  const ProgramResult result = take_up();

  expect_success(result);
  EXPECT_THAT(result.err, HasSubstr("2 decisions taken up in new.jsonl; 1 left out"));
  ASSERT_EQ(selection("out.jsonl").choices.size(), 2);
  EXPECT_TRUE(selection("out.jsonl").choices[0].strategic);
  EXPECT_FALSE(selection("out.jsonl").choices[1].strategic);
  fs::remove(work.path("out.jsonl"));
  expect_failure(take_up(), 2, {"new.jsonl: is there already"});
}

TEST_F(ReviewCommand, NeverWritesOverAResult) {
  work.write("there.tsv", "mine");

  expect_failure(review({"--tsv-out", "there.tsv"}), 2, {"there.tsv"});
  expect_failure(review({"--out", "there.tsv"}), 2, {"there.tsv"});

  EXPECT_EQ(work.read("there.tsv"), "mine");
}

TEST_F(ReviewCommand, ASelectionOfOtherCandidatesIsRefused) {
  work.write("s.jsonl",
             R"({"format":1,"method":"cluster","corpus_digest":"b","settings":{}})"
             "\n");

  expect_failure(review({"--selection", "s.jsonl", "--tsv-out", "t.tsv"}),
                 2,
                 {"selection 1 (method cluster): was made from corpus b"});
}

TEST_F(ReviewCommand, TwoSelectionsAreShownInTheTable) {
  for (const char* name : {"cluster", "judge"}) {
    work.write(fmt::format("{}.jsonl", name),
               fmt::format(R"({{"format":1,"method":"{}","corpus_digest":"{}","settings":{{}}}})"
                           "\n"
                           R"({{"gram":"gram number 0","strategic":true}})"
                           "\n",
                           name,
                           std::string(64, 'a')));
  }

  expect_success(
      review({"--selection", "cluster.jsonl", "--selection", "judge.jsonl", "--tsv-out", "t.tsv"}));

  EXPECT_THAT(work.read("t.tsv"), HasSubstr("\tproblem_text\tsays cluster\tsays judge\tcontext\n"));
  EXPECT_THAT(work.read("t.tsv"), HasSubstr("gram number 0\t\t\t\t100\t100\t0\t0\tyes\tyes\t"));
}

}  // namespace
}  // namespace stratagram
