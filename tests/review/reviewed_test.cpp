#include "review/reviewed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "review/votes.h"
#include "tests/review/reviewed_grams.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::review {
namespace {

class Reviewed : public testing::Test {
 protected:
  grams::CandidateList candidates = few_candidates();
  ReviewState state{candidates.candidates};

  void apply(const Decision& one) { state.apply(one, "log"); }
  std::optional<grams::Choice> choice(const std::string& gram,
                                      const std::string& deciding = "ann") const {
    for (const grams::Choice& one : selection_of(candidates, state, deciding).choices) {
      if (one.text == gram) return one;
    }
    return std::nullopt;
  }
};

TEST_F(Reviewed, HoldsWhatWasDecidedAndNothingElse) {
  apply(role_decision("ann", "let me think", grams::Role::kBranching));
  apply(decision("ann", Action::kMerge, "me think again", "let me think"));
  apply(decision("ann", Action::kReject, "divided by 3"));
  apply(decision("ann", Action::kAdd, "let us step back"));

  const grams::Selection selection = selection_of(candidates, state, "ann");

  EXPECT_EQ(selection.method, "review");
  EXPECT_EQ(selection.corpus_digest, candidates.corpus.digest);
  EXPECT_EQ(selection.choices.size(), 4);
  EXPECT_TRUE(choice("let me think")->strategic);
  EXPECT_EQ(choice("let me think")->role, grams::Role::kBranching);
  EXPECT_FALSE(choice("me think again")->strategic);
  EXPECT_FALSE(choice("divided by 3")->strategic);
  EXPECT_TRUE(choice("let us step back")->strategic);
  EXPECT_FALSE(choice("wait no that").has_value());
}

TEST_F(Reviewed, GoesByTheMajority) {
  for (const char* reviewer : {"ann", "bob"}) {
    apply(decision(reviewer, Action::kReject, "let me think"));
  }
  apply(decision("eve", Action::kAccept, "let me think"));

  EXPECT_FALSE(choice("let me think", "eve")->strategic);
  EXPECT_DOUBLE_EQ(*choice("let me think")->score, 1.0 / 3.0);
}

TEST_F(Reviewed, WhereReviewersAreEvenTheDecidingOneHasTheSayAndElseNobody) {
  apply(decision("ann", Action::kAccept, "let me think"));
  apply(decision("bob", Action::kReject, "let me think"));

  EXPECT_TRUE(choice("let me think", "ann")->strategic);
  EXPECT_FALSE(choice("let me think", "bob")->strategic);
  EXPECT_FALSE(choice("let me think", "eve").has_value());
  EXPECT_EQ(selection_of(candidates, state, "eve").settings.at("left_out_as_even"), 1);
}

TEST_F(Reviewed, TheRoleIsThatOfMost) {
  apply(role_decision("ann", "let me think", grams::Role::kOther));
  apply(role_decision("bob", "let me think", grams::Role::kDeduction));
  EXPECT_EQ(choice("let me think", "bob")->role, grams::Role::kDeduction);
  EXPECT_EQ(choice("let me think", "eve")->role, grams::Role::kOther);

  apply(role_decision("eve", "let me think", grams::Role::kDeduction));

  EXPECT_EQ(choice("let me think", "ann")->role, grams::Role::kDeduction);
}

TEST_F(Reviewed, IsAFileThatEveryReaderOfSelectionsTakes) {
  const TempFolder folder;
  apply(role_decision("ann", "let me think", grams::Role::kBranching));
  const grams::Selection selection = selection_of(candidates, state, "ann");

  selection.save(folder.path() / "s.jsonl");

  const auto read = grams::Selection::load(folder.path() / "s.jsonl");
  EXPECT_EQ(read.choices, selection.choices);
  EXPECT_EQ(read.method, "review");
}

TEST(VotesOfSelections, CountOnlyThoseThatNameTheGram) {
  const grams::CandidateList candidates = few_candidates();
  const std::vector<grams::Selection> selections = {
      selection_named("cluster", {{"let me think", true}, {"divided by 3", true}}),
      selection_named("cluster", {{"let me think", false}}),
      selection_named("judge", {})};

  const Votes votes(selections, candidates);

  EXPECT_THAT(votes.names(), testing::ElementsAre("cluster", "cluster_2", "judge"));
  EXPECT_DOUBLE_EQ(votes.tally("let me think").disagreement(), 1.0);
  EXPECT_DOUBLE_EQ(votes.tally("divided by 3").disagreement(), 0.0);
  EXPECT_EQ(votes.tally("divided by 3").num_for(), 1);
  EXPECT_EQ(votes.tally("wait no that").num_for(), 0);
}

TEST(VotesOfSelections, RefuseOneOfAnotherCorpus) {
  std::vector<grams::Selection> selections = {selection_named("cluster", {})};
  selections[0].corpus_digest = std::string(64, 'd');

  expect_error([&] { Votes(selections, few_candidates()); },
               ErrorKind::kConfig,
               "selection 1 (method cluster): was made from corpus dddddddddddd");
}

}  // namespace
}  // namespace stratagram::review
