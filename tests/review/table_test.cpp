#include "review/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/review/reviewed_grams.h"
#include "tests/support/expect_error.h"

namespace stratagram::review {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Table : public testing::Test {
 protected:
  grams::CandidateList candidates = few_candidates();
  ReviewState state{candidates.candidates};
  std::vector<grams::Selection> selections = {
      selection_named("cluster", {{"let me think", true}, {"divided by 3", false}})};
  Votes votes{selections, candidates};

  std::string table() const { return table_of(candidates, votes, state, "ann"); }
  std::vector<Decision> read(const std::string& text) const {
    return decisions_of_table(text, "t.tsv", state, "ann");
  }
  // Decisions with the head that most tests need.
  std::vector<Decision> read_rows(const std::string& rows) const {
    return read("gram\tdecision\trole\tinto\n" + rows);
  }
  void expect_fault(const std::string& rows, const std::string& what) const {
    expect_error([&] { (void)read_rows(rows); }, ErrorKind::kData, what);
  }
};

TEST_F(Table, HasALineForEachGramWithCountsVotesAndAContext) {
  const std::string text = table();

  EXPECT_THAT(text,
              StartsWith("gram\tdecision\trole\tinto\tdocuments\tcount\tproblems\tproblem_text\t"
                         "says cluster\tcontext\nlet me think\t\t\t\t40\t80\t40\t0\tyes\t... So, "
                         ">>let me think<<, and <b>then</b> & on.\n"));
  EXPECT_THAT(text, HasSubstr("\nwait no that\t\t\t\t20\t40\t20\t0\t\t"));
  EXPECT_THAT(text, HasSubstr("\ndivided by 3\t\t\t\t10\t20\t10\t0\tno\t"));
}

TEST_F(Table, ComesBackWithoutADecisionWhereNothingWasFilledIn) {
  state.apply(role_decision("ann", "let me think", grams::Role::kOther), "log");
  state.apply(decision("ann", Action::kAdd, "let us step back"), "log");
  state.apply(decision("ann", Action::kMerge, "me think again", "let us step back"), "log");
  state.apply(decision("ann", Action::kReject, "divided by 3"), "log");

  EXPECT_TRUE(read(table()).empty());
}

TEST_F(Table, MovedToAnotherStateGivesTheSameOpinions) {
  state.apply(role_decision("ann", "let me think", grams::Role::kOther), "log");
  state.apply(decision("ann", Action::kAdd, "let us step back"), "log");
  state.apply(decision("ann", Action::kMerge, "me think again", "let us step back"), "log");
  state.apply(decision("ann", Action::kReject, "divided by 3"), "log");

  ReviewState other(candidates.candidates);
  for (const Decision& one : decisions_of_table(table(), "t.tsv", other, "bob")) {
    other.apply(one, "t.tsv");
  }

  EXPECT_EQ(other.opinions("bob"), state.opinions("ann"));
}

TEST_F(Table, TakesWhatIsFilledIn) {
  const std::vector<Decision> decisions = read_rows(
      "let me think\taccept\tbranching\t\n"
      "me think again\tmerge\t\tlet me think\n"
      "wait no that\tReject\t\t\n"
      "divided by 3\t\t\t\n"
      "let us step back\tadd\t\t\n");

  EXPECT_THAT(decisions,
              ElementsAre(decision("ann", Action::kAdd, "let us step back"),
                          role_decision("ann", "let me think", grams::Role::kBranching),
                          decision("ann", Action::kMerge, "me think again", "let me think"),
                          decision("ann", Action::kReject, "wait no that")));
}

TEST_F(Table, TakesColumnsInAnyOrderQuotedAsSpreadsheetsDo) {
  const std::vector<Decision> decisions =
      read("\xEF\xBB\xBFnote\tdecision\tgram\r\n\"a \"\"note\"\"\"\treject\t\"let me think\"\r\n");

  EXPECT_THAT(decisions, ElementsAre(decision("ann", Action::kReject, "let me think")));
}

TEST_F(Table, MakesUndecidedOnlyWhereAsked) {
  state.apply(decision("ann", Action::kAccept, "let me think"), "log");
  state.apply(decision("ann", Action::kAccept, "wait no that"), "log");

  EXPECT_THAT(read_rows("let me think\tundecided\t\t\nwait no that\t\t\t\n"),
              ElementsAre(decision("ann", Action::kClear, "let me think")));
}

TEST_F(Table, NamesFileLineAndEveryFault) {
  expect_fault(
      "let me think\taccept\t\t\n"
      "no such gram\taccept\t\t\n"
      "wait no that\tlove\t\t\n"
      "divided by 3\taccept\tboss\t\n",
      "t.tsv: 3 faults, so nothing was decided:\n  t.tsv:4: 'wait no that': wanted accept, reject, "
      "merge, add, undecided or nothing, got 'love'\n  t.tsv:5: ");
  expect_fault("no such gram\taccept\t\t\n", "t.tsv:2: 'no such gram' is neither a candidate");
}

TEST_F(Table, RefusesCellsThatContradictEachOther) {
  expect_fault("let me think\treject\tother\t\n", "'role' is for accept and add only");
  expect_fault("let me think\taccept\t\twait no that\n", "'into' is for merge only");
  expect_fault("let me think\tmerge\t\t\n", "merge wants the other gram under 'into'");
  expect_fault("let me think\taccept\t\t\nlet me think\treject\t\t\n",
               "t.tsv:3: 'let me think' came before, at t.tsv:2");
}

TEST_F(Table, RefusesALineOfAnotherNumberOfCellsAndAnOpenQuote) {
  expect_fault("let me think\taccept\n", "t.tsv:2: wanted 4 cells, got 2");
  expect_fault("\"let me think\taccept\t\t\n", "t.tsv:2: a quote (\") is not closed");
}

TEST_F(Table, WantsItsHeadAndUtf8) {
  expect_error([&] { (void)read("let me think\taccept\n"); },
               ErrorKind::kData,
               "t.tsv:1: wanted a head line with the columns gram and decision");
  expect_error(
      [&] { (void)read("gram\tdecision\nna\xefve\t\n"); }, ErrorKind::kData, "t.tsv: is not UTF-8");
  expect_error(
      [&] { (void)read("gram\tdecision\tgram\n"); }, ErrorKind::kData, "column 'gram' came before");
}

TEST_F(Table, ComesBackWhateverASelectionIsCalled) {
  selections[0].method = "decision";
  votes = Votes(selections, candidates);

  EXPECT_TRUE(read(table()).empty());
}

// Spreadsheets run what begins so.
TEST_F(Table, HasNoCellThatBeginsLikeAFormula) {
  candidates.candidates[0].contexts = {{"=1+1\t\n", "let me think", "\x01"}};

  const std::string text = table();

  EXPECT_THAT(text, HasSubstr("\t... =1+1  >>let me think<< \n"));
}

TEST_F(Table, CutsALongContextBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "\xC3\xBC";
  candidates.candidates[0].contexts = {{"a" + umlauts, "let me think", ""}};

  EXPECT_EQ(table().find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace stratagram::review
