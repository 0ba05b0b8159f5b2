// The calls of the page of grams, as its script makes them.
#include "review/grams_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/jsonl.h"
#include "tests/review/reviewed_grams.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class GramsPage : public testing::Test {
 protected:
  TempFolder folder;
  grams::CandidateList candidates = few_candidates();
  std::vector<grams::Selection> selections = {
      selection_named("cluster", {{"let me think", true}, {"divided by 3", true}}),
      selection_named("judge", {{"let me think", true}, {"divided by 3", false}})};
  Votes votes{selections, candidates};
  // Declared after what they refer to.
  std::optional<Desk> desk;
  std::optional<Board> board;
  Page page;

  GramsPage() { open("ann"); }
  void open(const std::string& reviewer) {
    board.reset();
    desk.reset();
    desk.emplace(candidates, folder.path() / "log.jsonl", reviewer);
    board.emplace(candidates, votes, *desk);
    page = grams_page(*board);
  }
  json call(const std::string& path, const json& request = json::object()) const {
    return page.calls.at(path)(request);
  }
  json decide(const json& request) const { return call("/api/decide", request); }
  json accept(const std::string& gram) const {
    return decide({{"action", "accept"}, {"gram", gram}});
  }
  json reject(const std::string& gram) const {
    return decide({{"action", "reject"}, {"gram", gram}});
  }
  std::vector<int64_t> list(const json& request = json::object()) const {
    return call("/api/list", request).at("ids");
  }
  json row(int64_t id) const { return call("/api/rows", {{"ids", {id}}}).at("rows").at(0); }
  void expect_refusal(const std::string& path, const json& request, const std::string& what) const {
    expect_error([&] { (void)call(path, request); }, ErrorKind::kData, what);
  }
};

TEST_F(GramsPage, SaysWhoReviewsWhatWithWhichSelections) {
  const json start = call("/api/start");

  EXPECT_EQ(start.at("reviewer"), "ann");
  EXPECT_EQ(start.at("selections"), json({"cluster", "judge"}));
  EXPECT_EQ(start.at("roles"), json({"deduction", "branching", "backtracing", "other"}));
  EXPECT_EQ(start.at("progress").at("total"), 4);
}

TEST_F(GramsPage, ListsByDocumentsByDisagreementAndByAlphabet) {
  EXPECT_THAT(list(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(list({{"order", "disagreement"}}), ElementsAre(3, 0, 1, 2));
  EXPECT_THAT(list({{"order", "text"}}), ElementsAre(3, 0, 1, 2));
}

TEST_F(GramsPage, ListsWhatMatchesAllWordsOfTheSearchInAnyCase) {
  EXPECT_THAT(list({{"search", "THINK me"}}), ElementsAre(0, 1));
  EXPECT_THAT(list({{"search", "think again"}}), ElementsAre(1));
  EXPECT_TRUE(list({{"search", "zebra"}}).empty());
}

TEST_F(GramsPage, ListsByWhatWasDecided) {
  accept("let me think");
  reject("divided by 3");
  decide({{"action", "merge"}, {"gram", "me think again"}, {"merged_into", "let me think"}});

  EXPECT_THAT(list({{"show", "accepted"}}), ElementsAre(0));
  EXPECT_THAT(list({{"show", "rejected"}}), ElementsAre(3));
  EXPECT_THAT(list({{"show", "merged"}}), ElementsAre(1));
  EXPECT_THAT(list({{"show", "undecided"}}), ElementsAre(2));
  EXPECT_THAT(list({{"show", "disputed"}}), ElementsAre(3));
}

TEST_F(GramsPage, ARowHoldsCountsContextsVotesAndTheOpinion) {
  decide({{"action", "role"}, {"gram", "let me think"}, {"role", "branching"}});

  const json gram = row(0);

  EXPECT_EQ(gram.at("gram"), "let me think");
  EXPECT_EQ(gram.at("documents"), 40);
  EXPECT_EQ(gram.at("contexts"), json({{"So, ", "let me think", ", and <b>then</b> & on."}}));
  EXPECT_EQ(gram.at("selections"), json({true, true}));
  EXPECT_EQ(gram.at("verdict"), "accepted");
  EXPECT_EQ(gram.at("role"), "branching");
  EXPECT_EQ(row(1).at("selections"), json({nullptr, nullptr}));
}

TEST_F(GramsPage, CountsProgress) {
  accept("let me think");
  const json progress = reject("divided by 3").at("progress");

  EXPECT_EQ(progress.at("accepted"), 1);
  EXPECT_EQ(progress.at("rejected"), 1);
  EXPECT_EQ(progress.at("merged"), 0);
}

TEST_F(GramsPage, UndoAnswersWithTheGramAsItWasBefore) {
  accept("let me think");
  reject("let me think");

  const json gram = decide({{"action", "undo"}}).at("row");

  EXPECT_EQ(gram.at("id"), 0);
  EXPECT_EQ(gram.at("verdict"), "accepted");
}

TEST_F(GramsPage, AnAddedGramIsARowWithoutCountsUntilItIsTakenBack) {
  const json added =
      decide({{"action", "add"}, {"gram", "let us step back"}, {"role", "branching"}}).at("row");

  EXPECT_EQ(added.at("id"), 4);
  EXPECT_EQ(added.at("added"), true);
  EXPECT_FALSE(added.contains("documents"));
  EXPECT_THAT(list(), ElementsAre(0, 1, 2, 3, 4));

  decide({{"action", "undo"}});

  EXPECT_THAT(list(), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(decide({{"action", "add"}, {"gram", "let us step back"}}).at("row").at("id"), 4);
}

TEST_F(GramsPage, HidesTheOpinionOfAnotherReviewerUntilThisOneDecided) {
  reject("let me think");
  open("bob");
  EXPECT_EQ(row(0).at("others"), json::array());
  EXPECT_EQ(row(0).at("disagreement"), 0.0);

  const json gram = accept("let me think").at("row");

  EXPECT_EQ(gram.at("others").at(0).at("reviewer"), "ann");
  EXPECT_EQ(gram.at("others").at(0).at("verdict"), "rejected");
  EXPECT_EQ(gram.at("disagreement"), 1.0);
  EXPECT_THAT(list({{"order", "disagreement"}}), ElementsAre(0, 3, 1, 2));
}

TEST_F(GramsPage, GivesCohensKappaWithTheOtherReviewerOverWhatBothDecided) {
  accept("let me think");
  accept("me think again");
  reject("wait no that");
  reject("divided by 3");
  open("bob");
  accept("let me think");
  reject("me think again");
  const json agreement = reject("wait no that").at("progress").at("agreement").at(0);

  // Of 3 grams, 2 equal; by chance (2/3 * 1/3 + 1/3 * 2/3) = 4/9: (6/9 - 4/9) / (5/9).
  EXPECT_EQ(agreement.at("with"), "ann");
  EXPECT_EQ(agreement.at("kind"), "reviewer");
  EXPECT_EQ(agreement.at("items"), 3);
  EXPECT_NEAR(agreement.at("kappa").get<double>(), 0.4, 1e-12);
}

TEST_F(GramsPage, GivesNoKappaBeforeTwoGramsWereDecidedByBoth) {
  const json agreement = accept("let me think").at("progress").at("agreement");

  EXPECT_EQ(agreement.at(0).at("kind"), "selection");
  EXPECT_EQ(agreement.at(0).at("items"), 1);
  EXPECT_FALSE(agreement.at(0).contains("kappa"));
}

TEST_F(GramsPage, MatchesPutTheGramItselfFirst) {
  decide({{"action", "add"}, {"gram", "think"}});

  const json rows = call("/api/matches", {{"text", "think"}}).at("rows");

  ASSERT_EQ(rows.size(), 3);
  EXPECT_EQ(rows.at(0).at("gram"), "think");
  EXPECT_EQ(rows.at(1).at("gram"), "let me think");
}

TEST_F(GramsPage, RefusesWhatItDoesNotKnow) {
  expect_refusal("/api/list", {{"order", "luck"}}, "field 'order': 'luck' is none of documents");
  expect_refusal("/api/list", {{"show", 3}}, "field 'show'");
  expect_refusal("/api/rows", {{"ids", {99}}}, "no gram has the number 99; there are 4");
  expect_refusal("/api/rows", {{"ids", {-1}}}, "no gram has the number -1");
  expect_refusal("/api/rows", {{"ids", std::vector<int64_t>(201, 0)}}, "at most 200");
  expect_refusal("/api/rows", json::object(), "field 'ids'");
  expect_refusal("/api/decide", {{"action", "love"}, {"gram", "let me think"}}, "field 'action'");
  expect_refusal("/api/decide", {{"action", "accept"}}, "field 'gram'");
  expect_refusal("/api/decide", {{"action", "accept"}, {"gram", "no such"}}, "'no such'");
  expect_refusal(
      "/api/decide", {{"action", "role"}, {"gram", "let me think"}, {"role", "boss"}}, "'boss'");
  expect_refusal("/api/decide", {{"action", "add"}, {"gram", "Not Normal."}}, "Not Normal.");
  expect_refusal("/api/decide", {{"action", "undo"}}, "no decision left");
}

// The page cannot sign for someone else.
TEST_F(GramsPage, SignsWithTheReviewerOfThisRun) {
  decide({{"action", "accept"}, {"gram", "let me think"}, {"reviewer", "bob"}, {"time", "then"}});

  JsonlReader reader(folder.path() / "log.jsonl");
  (void)reader.next();
  EXPECT_EQ(reader.next()->at("reviewer"), "ann");
}

}  // namespace
}  // namespace stratagram::review
