#include "review/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/review/reviewed_grams.h"
#include "tests/support/expect_error.h"

namespace stratagram::review {
namespace {

using testing::ElementsAre;

class State : public testing::Test {
 protected:
  grams::CandidateList candidates = few_candidates();
  ReviewState state{candidates.candidates};

  std::string apply(const Decision& one) { return state.apply(one, "log:2"); }
  Verdict verdict(const std::string& reviewer, const std::string& gram) const {
    return state.opinion(reviewer, gram).verdict;
  }
};

TEST_F(State, ALaterDecisionOfTheSameReviewerReplacesTheFormer) {
  apply(decision("ann", Action::kAccept, "let me think"));
  apply(decision("ann", Action::kReject, "let me think"));

  EXPECT_EQ(verdict("ann", "let me think"), Verdict::kRejected);
  EXPECT_EQ(state.counts("ann").accepted, 0);
  EXPECT_EQ(state.counts("ann").rejected, 1);
}

TEST_F(State, ReviewersDoNotTouchEachOthersOpinions) {
  apply(decision("ann", Action::kAccept, "let me think"));
  apply(decision("bob", Action::kReject, "let me think"));
  apply(decision("ann", Action::kUndo));

  EXPECT_EQ(verdict("ann", "let me think"), Verdict::kUndecided);
  EXPECT_EQ(verdict("bob", "let me think"), Verdict::kRejected);
  EXPECT_THAT(state.reviewers(), ElementsAre("ann", "bob"));
}

TEST_F(State, ARoleAcceptsAndAcceptingAgainKeepsIt) {
  apply(role_decision("ann", "wait no that", grams::Role::kBacktracing));
  apply(decision("ann", Action::kAccept, "wait no that"));

  EXPECT_EQ(state.opinion("ann", "wait no that"),
            (Opinion{.verdict = Verdict::kAccepted, .role = grams::Role::kBacktracing}));
}

TEST_F(State, RejectingForgetsTheRole) {
  apply(role_decision("ann", "wait no that", grams::Role::kBacktracing));
  apply(decision("ann", Action::kReject, "wait no that"));
  apply(decision("ann", Action::kAccept, "wait no that"));

  EXPECT_FALSE(state.opinion("ann", "wait no that").role.has_value());
}

TEST_F(State, UndoGoesBackStepByStepToWhatWasBefore) {
  apply(role_decision("ann", "let me think", grams::Role::kBranching));
  apply(decision("ann", Action::kReject, "let me think"));
  apply(decision("ann", Action::kMerge, "me think again", "let me think"));

  EXPECT_EQ(apply(decision("ann", Action::kUndo)), "me think again");
  EXPECT_EQ(apply(decision("ann", Action::kUndo)), "let me think");
  EXPECT_EQ(state.opinion("ann", "let me think").role, grams::Role::kBranching);
  EXPECT_EQ(apply(decision("ann", Action::kUndo)), "let me think");
  EXPECT_EQ(verdict("ann", "let me think"), Verdict::kUndecided);
  expect_error([&] { apply(decision("ann", Action::kUndo)); },
               ErrorKind::kData,
               "log:2: 'ann' has no decision left to take back");
}

TEST_F(State, AMergedGramNamesTheOneItGoesInto) {
  apply(decision("ann", Action::kMerge, "me think again", "let me think"));

  EXPECT_EQ(state.opinion("ann", "me think again"),
            (Opinion{.verdict = Verdict::kMerged, .into = "let me think"}));
  EXPECT_EQ(state.counts("ann").merged, 1);
}

TEST_F(State, NoGramIsMergedIntoItselfAtOnceOrOverOthers) {
  apply(decision("ann", Action::kMerge, "me think again", "let me think"));
  apply(decision("ann", Action::kMerge, "let me think", "wait no that"));

  expect_error([&] { apply(decision("ann", Action::kMerge, "divided by 3", "divided by 3")); },
               ErrorKind::kData,
               "which is itself");
  expect_error([&] { apply(decision("ann", Action::kMerge, "wait no that", "me think again")); },
               ErrorKind::kData,
               "'wait no that' cannot be merged into 'me think again', which is merged into it");
  EXPECT_EQ(verdict("ann", "wait no that"), Verdict::kUndecided);
}

TEST_F(State, AnAddedGramIsThereForAllUntilNobodyHoldsIt) {
  apply(decision("ann", Action::kAdd, "let us step back"));
  apply(decision("bob", Action::kReject, "let us step back"));
  EXPECT_THAT(state.added(), ElementsAre("let us step back"));

  apply(decision("ann", Action::kUndo));
  EXPECT_THAT(state.added(), ElementsAre("let us step back"));
  apply(decision("bob", Action::kUndo));

  EXPECT_TRUE(state.added().empty());
}

TEST_F(State, AGramThatIsAddedMustBeNewAndInNormalForm) {
  apply(decision("ann", Action::kAdd, "let us step back"));

  expect_error([&] { apply(decision("ann", Action::kAdd, "let us step back")); },
               ErrorKind::kData,
               "log:2: 'let us step back' is there already");
  expect_error([&] { apply(decision("ann", Action::kAdd, "let me think")); },
               ErrorKind::kData,
               "is a candidate; accept it instead");
  expect_error(
      [&] { apply(decision("ann", Action::kAdd, "Let us. Stop")); }, ErrorKind::kData, "log:2: ");
}

TEST_F(State, AGramThatNobodyKnowsIsRefusedAndChangesNothing) {
  for (const Action action : {Action::kAccept, Action::kReject, Action::kClear}) {
    expect_error([&] { apply(decision("ann", action, "no such gram")); },
                 ErrorKind::kData,
                 "log:2: 'no such gram' is neither a candidate nor added");
  }
  expect_error([&] { apply(decision("ann", Action::kMerge, "let me think", "no such gram")); },
               ErrorKind::kData,
               "'no such gram' is neither");

  EXPECT_TRUE(state.reviewers().empty());
}

}  // namespace
}  // namespace stratagram::review
