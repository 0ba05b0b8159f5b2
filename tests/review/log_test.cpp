// The log of decisions: what it holds, what a crash leaves of it, and who may write it.
#include "core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/jsonl.h"
#include "review/desk.h"
#include "tests/review/reviewed_grams.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

class Log : public testing::Test {
 protected:
  TempFolder folder;
  fs::path path = folder.path() / "review.jsonl";
  grams::CandidateList candidates = few_candidates();

  Log() { spdlog::set_level(spdlog::level::off); }  // of a warning for each cut line
  ~Log() override { spdlog::set_level(spdlog::level::info); }
  void decide_some(const std::string& reviewer = "ann") const {
    Desk desk(candidates, path, reviewer);
    desk.decide(role_decision("", "let me think", grams::Role::kBranching), "test");
    desk.decide(decision("", Action::kReject, "divided by 3"), "test");
  }
  std::string text() const { return read_file(path); }
  void cut(int64_t num_bytes) const {
    fs::resize_file(path, fs::file_size(path) - static_cast<uintmax_t>(num_bytes));
  }
  Verdict verdict(const std::string& gram) const {
    return replay(candidates, path).opinion("ann", gram).verdict;
  }
};

TEST_F(Log, ALineSaysWhoDidWhatToWhichGramAndWhen) {
  decide_some();

  JsonlReader reader(path);
  const json head = *reader.next();
  const json first = *reader.next();
  const json second = *reader.next();
  EXPECT_EQ(head.at("log"), "gram decisions");
  EXPECT_EQ(head.at("corpus_digest"), candidates.corpus.digest);
  EXPECT_EQ(first.at("gram"), "let me think");
  EXPECT_EQ(first.at("action"), "role");
  EXPECT_EQ(first.at("role"), "branching");
  EXPECT_EQ(first.at("reviewer"), "ann");
  EXPECT_THAT(first.at("time").get<std::string>(),
              MatchesRegex("20[0-9][0-9]-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+Z"));
  EXPECT_EQ(second.at("action"), "reject");
  EXPECT_FALSE(second.contains("role"));
  EXPECT_FALSE(second.contains("merged_into"));
}

TEST_F(Log, ADecisionIsInTheFileBeforeTheNextOneIsMade) {
  Desk desk(candidates, path, "ann");

  desk.decide(decision("", Action::kAccept, "let me think"), "test");

  EXPECT_THAT(text(), EndsWith("\"action\":\"accept\",\"gram\":\"let me think\"}\n"));
  EXPECT_EQ(replay(candidates, path).opinion("ann", "let me think"), desk.opinion("let me think"));
}

TEST_F(Log, ReplayingGivesTheStateThatWasThere) {
  {
    Desk desk(candidates, path, "ann");
    desk.decide(decision("", Action::kAdd, "let us step back"), "test");
    desk.decide(decision("", Action::kMerge, "me think again", "let us step back"), "test");
    desk.decide(decision("", Action::kReject, "wait no that"), "test");
    desk.decide(decision("", Action::kUndo), "test");
  }

  const ReviewState state = replay(candidates, path);

  EXPECT_EQ(state.opinion("ann", "me think again").into, "let us step back");
  EXPECT_EQ(state.opinion("ann", "wait no that").verdict, Verdict::kUndecided);
  EXPECT_TRUE(state.knows("let us step back"));
}

TEST_F(Log, AnUndoReachesBehindTheLastStart) {
  decide_some();

  Desk(candidates, path, "ann").decide(decision("", Action::kUndo), "test");

  EXPECT_EQ(verdict("divided by 3"), Verdict::kUndecided);
  EXPECT_EQ(verdict("let me think"), Verdict::kAccepted);
}

// A crash in the middle of a write: every length that the last line may be left at.
TEST_F(Log, ALastLineThatWasCutAnywhereIsCutOffAndTheNextOneIsWhole) {
  decide_some();
  const std::string whole = text();
  const size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  // Without the line's end alone, the object is whole, and so is the decision.
  for (size_t size = last + 1; size < whole.size() - 1; ++size) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    ASSERT_EQ(verdict("divided by 3"), Verdict::kUndecided) << size;

    Desk(candidates, path, "ann").decide(decision("", Action::kAccept, "wait no that"), "test");

    ASSERT_EQ(verdict("let me think"), Verdict::kAccepted) << size;
    ASSERT_EQ(verdict("wait no that"), Verdict::kAccepted) << size;
  }
}

TEST_F(Log, ADecisionThatOnlyLacksItsLinesEndIsKept) {
  decide_some();
  cut(1);
  ASSERT_EQ(verdict("divided by 3"), Verdict::kRejected);

  Desk(candidates, path, "ann").decide(decision("", Action::kAccept, "wait no that"), "test");

  EXPECT_EQ(verdict("divided by 3"), Verdict::kRejected);
  EXPECT_EQ(verdict("wait no that"), Verdict::kAccepted);
}

TEST_F(Log, WhoseHeadWasCutBeginsAnew) {
  folder.write("review.jsonl", "{\"log\":\"gram dec");

  Desk(candidates, path, "ann").decide(decision("", Action::kAccept, "wait no that"), "test");

  EXPECT_EQ(verdict("wait no that"), Verdict::kAccepted);
}

TEST_F(Log, DamageInTheMiddleIsAnErrorThatNamesTheLine) {
  decide_some();
  std::string damaged = text();
  damaged.insert(damaged.find('\n') + 1, "{\"time\":\n");
  folder.write("review.jsonl", damaged);

  expect_error([&] { Desk(candidates, path, "ann"); }, ErrorKind::kData, "review.jsonl:2: ");
  EXPECT_EQ(text(), damaged);
}

TEST_F(Log, IsRefusedWhileAnotherHoldsItAndTakenUpAfterwards) {
  {
    const Desk first(candidates, path, "ann");
    expect_error(
        [&] { Desk(candidates, path, "bob"); }, ErrorKind::kData, "another process is writing it");
  }

  Desk(candidates, path, "bob").decide(decision("", Action::kAccept, "let me think"), "test");

  EXPECT_EQ(replay(candidates, path).opinion("bob", "let me think").verdict, Verdict::kAccepted);
}

TEST_F(Log, OfOtherCandidatesIsRefused) {
  decide_some();
  candidates.corpus.digest = std::string(64, 'd');

  expect_error([&] { Desk(candidates, path, "ann"); },
               ErrorKind::kConfig,
               "holds decisions on something else: corpus_digest was");
}

TEST_F(Log, AnotherFileIsNotTakenForALog) {
  folder.write("review.jsonl", "{\"format\":1,\"method\":\"cluster\"}\n");

  expect_error([&] { Desk(candidates, path, "ann"); },
               ErrorKind::kData,
               "review.jsonl:1: wanted the first line of a log of gram decisions");
}

TEST_F(Log, LeavesEveryFileThatItRefusesAsItWas) {
  for (const std::string other :
       {"[1,2,3,\"my only copy\"]", "{\n  \"a\": 1\n}", "{\"a\": 1}", "{\"a\":1}\n{\"b", "x"}) {
    folder.write("review.jsonl", other);

    expect_error([&] { Desk(candidates, path, "ann"); }, ErrorKind::kData, "review.jsonl:1");

    EXPECT_EQ(text(), other);
  }
}

TEST_F(Log, LeavesNoFileWhereNothingWasDecided) {
  {
    const Desk desk(candidates, path, "ann");
  }

  EXPECT_FALSE(fs::exists(path));
}

TEST_F(Log, ADecisionThatDoesNotFitIsNotLogged) {
  decide_some();
  const std::string before = text();
  Desk desk(candidates, path, "ann");

  expect_error([&] { desk.decide(decision("", Action::kAccept, "no such gram"), "test"); },
               ErrorKind::kData,
               "test: 'no such gram'");
  const std::vector<Decision> good_then_bad = {decision("", Action::kAccept, "wait no that"),
                                               decision("", Action::kAccept, "no such gram")};
  expect_error([&] { desk.decide_all(good_then_bad, "test"); }, ErrorKind::kData, "no such gram");

  EXPECT_EQ(text(), before);
  EXPECT_EQ(desk.opinion("wait no that").verdict, Verdict::kUndecided);
}

TEST_F(Log, WantsANameOfTheReviewer) {
  for (const char* name : {"", "  ", "a\tb", "\xff"}) {
    expect_error(
        [&] { Desk(candidates, path, name); }, ErrorKind::kConfig, "--reviewer: wanted a name");
  }
}

TEST_F(Log, NamesTheFieldThatIsWrong) {
  const auto reading = [&](const std::string& line) {
    return [this, line] {
      decide_some("ann");
      std::ofstream(path, std::ios::app) << line << "\n";
      (void)replay(candidates, path);
    };
  };

  expect_error(reading(R"({"time":"t","reviewer":"ann","action":"love","gram":"let me think"})"),
               ErrorKind::kData,
               "review.jsonl:4: field 'action': wanted accept,");
  fs::remove(path);
  expect_error(reading(R"({"time":"t","reviewer":"","action":"undo"})"),
               ErrorKind::kData,
               "field 'reviewer': is empty");
  fs::remove(path);
  expect_error(reading(R"({"time":"t","reviewer":"ann","action":"role","gram":"let me think"})"),
               ErrorKind::kData,
               "field 'role': wanted a role, got nothing");
  fs::remove(path);
  expect_error(reading(R"({"time":"t","reviewer":"ann","action":"merge","gram":"let me think"})"),
               ErrorKind::kData,
               "field 'merged_into'");
}

}  // namespace
}  // namespace stratagram::review
