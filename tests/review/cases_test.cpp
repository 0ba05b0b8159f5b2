#include "review/cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "core/file.h"
#include "review/cases_page.h"
#include "tests/review/few_cases.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class Cases : public testing::Test {
 protected:
  TempFolder folder;
  std::filesystem::path log = folder.path() / "answers.jsonl";
  CaseList list = few_cases();
  std::optional<CaseDesk> desk;
  Page page;

  Cases() { open("ann"); }
  void open(const std::string& reviewer) {
    desk.reset();
    desk.emplace(list, log, reviewer);
    page = cases_page(*desk);
  }
  json call(const std::string& path, const json& request = json::object()) const {
    return page.calls.at(path)(request);
  }
  json answer(int64_t id, const std::string& option) const {
    return call("/api/decide", {{"action", "answer"}, {"id", id}, {"answer", option}});
  }
  json row(int64_t id) const { return call("/api/rows", {{"ids", {id}}}).at("rows").at(0); }
  std::vector<int64_t> ids(const json& request) const {
    return call("/api/list", request).at("ids");
  }
  void expect_refusal(const std::string& path, const json& request, const std::string& what) const {
    expect_error([&] { (void)call(path, request); }, ErrorKind::kData, what);
  }
};

TEST_F(Cases, AnswersAreThereAgainAfterARestart) {
  desk->answer("0", "slip");
  desk->answer("1", "strategy");
  desk->answer("0", "acceptable");
  desk->clear("1");

  open("ann");

  EXPECT_EQ(desk->answers("ann"), (CaseAnswers{{"0", 3}}));
}

TEST_F(Cases, UndoGoesBackStepByStepAlsoAfterARestart) {
  desk->answer("0", "slip");
  desk->answer("0", "strategy");
  desk->clear("0");
  open("ann");

  EXPECT_EQ(desk->undo(), "0");
  EXPECT_EQ(desk->answers("ann"), (CaseAnswers{{"0", 2}}));
  desk->undo();
  EXPECT_EQ(desk->answers("ann"), (CaseAnswers{{"0", 1}}));
  desk->undo();
  EXPECT_TRUE(desk->answers("ann").empty());
  expect_error([&] { desk->undo(); }, ErrorKind::kData, "'ann' has no answer left to take back");
}

TEST_F(Cases, ALineOfTheLogNamesCaseAndOption) {
  desk->answer("2", "slip");

  EXPECT_THAT(
      read_file(log),
      HasSubstr("\"reviewer\":\"ann\",\"action\":\"answer\",\"case\":\"2\",\"answer\":\"slip\"}"
                "\n"));
}

TEST_F(Cases, WhatIsNotThereIsRefusedAndNotLogged) {
  expect_error([&] { desk->answer("9", "slip"); }, ErrorKind::kData, "no case '9'");
  expect_error([&] { desk->answer("0", "luck"); }, ErrorKind::kData, "'luck' is no option");
  expect_error([&] { desk->clear("9"); }, ErrorKind::kData, "no case '9'");

  EXPECT_EQ(read_file(log), "");
}

TEST_F(Cases, ALogOfOtherCasesIsRefused) {
  desk->answer("0", "slip");
  desk.reset();
  list.cases[0].parts[0].text += '?';

  expect_error([&] { CaseDesk(list, log, "ann"); },
               ErrorKind::kConfig,
               "holds decisions on something else: cases was");
}

TEST_F(Cases, OfOneIdAreAFaultOfTheCaller) {
  desk.reset();
  list.cases[1].id = list.cases[0].id;

  expect_error([&] { CaseDesk(list, log, "ann"); }, ErrorKind::kInternal, "two of the id '0'");
}

TEST_F(Cases, ThePageListsByAnswerAndSearch) {
  answer(1, "slip");

  EXPECT_THAT(ids({}), ElementsAre(0, 1, 2));
  EXPECT_THAT(ids({{"show", "open"}}), ElementsAre(0, 2));
  EXPECT_THAT(ids({{"show", "answered"}}), ElementsAre(1));
  EXPECT_THAT(ids({{"search", "p2"}}), ElementsAre(2));
  EXPECT_THAT(ids({{"search", "What is 0"}}), ElementsAre(0));
}

TEST_F(Cases, ThePageGivesTheTextsOfACase) {
  const json parts = call("/api/case", {{"id", 1}}).at("parts");

  EXPECT_EQ(parts.dump(), R"([["Problem","What is 1 + 2?"],["Response","The response <b>1</b>"]])");
}

TEST_F(Cases, AnotherReviewersAnswerShowsOnlyAfterOnesOwn) {
  answer(0, "slip");
  open("bob");
  EXPECT_EQ(row(0).at("others"), json::array());

  answer(0, "strategy");

  EXPECT_EQ(row(0).at("others"), json({{{"reviewer", "ann"}, {"answer", "slip"}}}));
  EXPECT_THAT(ids({{"show", "disputed"}}), ElementsAre(0));
}

TEST_F(Cases, ThePageGivesCohensKappaOverAllOptions) {
  answer(0, "slip");
  answer(1, "strategy");
  answer(2, "misunderstood");
  open("bob");
  answer(0, "slip");
  answer(1, "strategy");
  const json agreement = answer(2, "strategy").at("progress").at("agreement").at(0);

  // 2 of 3 equal; by chance 1/3 * 1/3 + 1/3 * 2/3 = 1/3: (2/3 - 1/3) / (2/3).
  EXPECT_EQ(agreement.at("items"), 3);
  EXPECT_NEAR(agreement.at("kappa").get<double>(), 0.5, 1e-12);
}

TEST_F(Cases, ThePageRefusesWhatItDoesNotKnow) {
  expect_refusal("/api/list", {{"show", "luck"}}, "'luck' is none of all, open");
  expect_refusal("/api/case", {{"id", 3}}, "no case has the number 3; there are 3");
  expect_refusal("/api/rows", {{"ids", {-1}}}, "no case has the number -1");
  expect_refusal("/api/decide", {{"action", "love"}, {"id", 0}}, "field 'action'");
  expect_refusal("/api/decide", {{"action", "answer"}, {"id", 0}}, "field 'answer'");
  expect_refusal("/api/decide", {{"action", "undo"}}, "no answer left");
}

}  // namespace
}  // namespace stratagram::review
