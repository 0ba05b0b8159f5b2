// Decisions of an earlier log begin the log of candidates that were mined anew.
#include "review/carry_over.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "core/jsonl.h"
#include "review/desk.h"
#include "tests/review/reviewed_grams.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class CarryOver : public testing::Test {
 protected:
  TempFolder folder;
  fs::path before = folder.path() / "before.jsonl";
  fs::path after = folder.path() / "after.jsonl";
  grams::CandidateList old_list = few_candidates();
  // Without "divided by 3", with one that was added before.
  grams::CandidateList new_list =
      candidates_of({"let me think", "me think again", "wait no that", "let us step back"});

  CarryOver() { new_list.corpus.digest = std::string(64, 'd'); }
  void decide(const std::vector<Decision>& decisions, const std::string& reviewer = "ann") const {
    Desk desk(old_list, before, reviewer);
    desk.decide_all(decisions, "test");
  }
  std::vector<json> rows_of(const fs::path& log) const {
    std::vector<json> rows;
    JsonlReader reader(log);
    (void)reader.next();
    while (auto row = reader.next()) rows.push_back(*row);
    return rows;
  }
};

TEST_F(CarryOver, KeepsWhoAndWhenOfWhatIsStillThere) {
  decide({role_decision("", "let me think", grams::Role::kBranching),
          decision("", Action::kReject, "divided by 3"),
          decision("", Action::kMerge, "me think again", "let me think")});
  decide({decision("", Action::kReject, "let me think")}, "bob");

  const CarriedOver carried = carry_over(before, new_list, after);

  EXPECT_EQ(carried.num_taken, 3);
  EXPECT_EQ(carried.num_left_out, 1);
  std::vector<json> kept = rows_of(before);
  kept.erase(kept.begin() + 1);
  EXPECT_EQ(rows_of(after), kept);
  const ReviewState state = replay(new_list, after);
  EXPECT_EQ(state.opinion("ann", "me think again").into, "let me think");
  EXPECT_EQ(state.opinion("bob", "let me think").verdict, Verdict::kRejected);
}

TEST_F(CarryOver, AddsNothingThatWasMinedOnce) {
  decide({decision("", Action::kAccept, "divided by 3"),
          decision("", Action::kAccept, "let me think")});

  EXPECT_EQ(carry_over(before, new_list, after).num_left_out, 1);

  EXPECT_FALSE(replay(new_list, after).knows("divided by 3"));
}

TEST_F(CarryOver, LeavesOutWhatWasUndone) {
  decide({decision("", Action::kAccept, "let me think"),
          decision("", Action::kReject, "wait no that")});
  decide({decision("", Action::kReject, "let me think")}, "bob");
  decide({decision("", Action::kUndo)});  // ann's last one, not the last of all

  EXPECT_EQ(carry_over(before, new_list, after).num_taken, 2);

  const ReviewState state = replay(new_list, after);
  EXPECT_EQ(state.opinion("ann", "let me think").verdict, Verdict::kAccepted);
  EXPECT_EQ(state.opinion("ann", "wait no that").verdict, Verdict::kUndecided);
  EXPECT_EQ(state.opinion("bob", "let me think").verdict, Verdict::kRejected);
}

// What a reviewer held before is not what he holds.
TEST_F(CarryOver, LeavesOutMergesIntoWhatIsGoneWithWhatTheyReplaced) {
  decide({decision("", Action::kReject, "wait no that"),
          decision("", Action::kAccept, "let me think"),
          decision("", Action::kMerge, "let me think", "divided by 3")});

  const CarriedOver carried = carry_over(before, new_list, after);

  EXPECT_EQ(carried.num_taken, 1);
  EXPECT_EQ(carried.num_left_out, 1);
  EXPECT_EQ(replay(new_list, after).opinion("ann", "let me think").verdict, Verdict::kUndecided);
}

TEST_F(CarryOver, TakesOfMergesThatTurnedRoundTheLast) {
  decide({decision("", Action::kMerge, "let me think", "me think again"),
          decision("", Action::kMerge, "let me think", "divided by 3"),
          decision("", Action::kMerge, "me think again", "let me think")});

  EXPECT_EQ(carry_over(before, new_list, after).num_taken, 1);

  EXPECT_EQ(replay(new_list, after).opinion("ann", "me think again").into, "let me think");
}

TEST_F(CarryOver, KeepsTheRoleOfAGramThatWasAcceptedAgain) {
  decide({role_decision("", "let me think", grams::Role::kBranching),
          decision("", Action::kReject, "me think again"),
          decision("", Action::kAccept, "let me think")});

  (void)carry_over(before, new_list, after);

  EXPECT_EQ(replay(new_list, after).opinion("ann", "let me think").role, grams::Role::kBranching);
}

TEST_F(CarryOver, KeepsWhatOthersHoldOfAnAddedGram) {
  decide({decision("", Action::kAdd, "by another road")});
  decide({decision("", Action::kAccept, "by another road")}, "bob");
  decide({decision("", Action::kReject, "by another road")}, "eve");
  decide({decision("", Action::kUndo)});

  EXPECT_EQ(carry_over(before, new_list, after).num_taken, 2);

  const ReviewState state = replay(new_list, after);
  EXPECT_EQ(state.opinion("bob", "by another road").verdict, Verdict::kAccepted);
  EXPECT_EQ(state.opinion("eve", "by another road").verdict, Verdict::kRejected);
}

TEST_F(CarryOver, RefusesALogOfWhichNothingIsThere) {
  decide({decision("", Action::kReject, "divided by 3")});

  expect_error([&] { (void)carry_over(before, new_list, after); },
               ErrorKind::kData,
               "of its 1 decisions none is on a gram that is a candidate now");

  EXPECT_FALSE(fs::exists(after));
}

TEST_F(CarryOver, AcceptsAnAddedGramThatWasMinedNowAndKeepsOthersAdded) {
  Decision with_role = decision("", Action::kAdd, "let us step back");
  with_role.role = grams::Role::kBacktracing;
  decide({with_role,
          decision("", Action::kAdd, "by another road"),
          decision("", Action::kMerge, "wait no that", "by another road")});

  EXPECT_EQ(carry_over(before, new_list, after).num_taken, 3);

  const ReviewState state = replay(new_list, after);
  EXPECT_EQ(state.opinion("ann", "let us step back").role, grams::Role::kBacktracing);
  EXPECT_EQ(state.added(), std::vector<std::string>{"by another road"});
  EXPECT_EQ(state.opinion("ann", "wait no that").into, "by another road");
}

TEST_F(CarryOver, BeginsALogAndNeverChangesOne) {
  decide({decision("", Action::kAccept, "let me think")});
  (void)carry_over(before, new_list, after);

  expect_error([&] { (void)carry_over(before, new_list, after); }, ErrorKind::kConfig, "is there");

  EXPECT_EQ(rows_of(after).size(), 1U);
}

TEST_F(CarryOver, RefusesWhatIsNoLogOfDecisions) {
  write_file_atomically(before,
                        R"({"log": "case answers", "format": 1})"
                        "\n");

  expect_error(
      [&] { (void)carry_over(before, new_list, after); }, ErrorKind::kData, "a log of gram");

  EXPECT_FALSE(fs::exists(after));
}

}  // namespace
}  // namespace stratagram::review
