// The page in a real browser: what its keys do to the log, and what it shows.
#include "tests/support/browser.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "core/jsonl.h"
#include "review/cases_page.h"
#include "review/grams_page.h"
#include "tests/review/few_cases.h"
#include "tests/review/reviewed_grams.h"
#include "tests/support/temp_folder.h"

namespace stratagram::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kChosen =
    "document.querySelector('#list [aria-selected=\"true\"] .name')?.textContent";

class PageInBrowser : public testing::Test {
 protected:
  TempFolder folder;
  grams::CandidateList candidates = few_candidates();
  std::vector<grams::Selection> selections;
  std::optional<Votes> votes;
  std::optional<Desk> desk;
  std::optional<Board> board;
  std::optional<PageServer> server;
  std::unique_ptr<Browser> browser;

  void SetUp() override {
    const auto program = Browser::find();
    if (!program) {
      GTEST_SKIP() << "no chromium on the PATH; install one or name it in STRATAGRAM_CHROMIUM";
    }
    try {
      browser = std::make_unique<Browser>(*program);
    } catch (const std::runtime_error& error) {
      // A stub of a package that is not installed, or a container that forbids what it needs. The
      // one that was named must work.
      if (std::getenv("STRATAGRAM_CHROMIUM") != nullptr) throw;
      GTEST_SKIP() << program->string() << " does not start: " << error.what();
    }
    browser->set_size(1280, 800);
  }
  void open(const std::string& reviewer = "ann") {
    server.reset();  // before what it refers to
    board.reset();
    desk.reset();
    votes.emplace(selections, candidates);
    desk.emplace(candidates, log(), reviewer);
    board.emplace(candidates, *votes, *desk);
    server.emplace(grams_page(*board), PageAddress{});
    browser->open(server->url());
    browser->wait_until("document.querySelector('#detail h2') !== null");
  }
  fs::path log() const { return folder.path() / "log.jsonl"; }

  // "accept: let me think", a line of the log each.
  std::vector<std::string> logged() const {
    std::vector<std::string> lines;
    if (!fs::exists(log())) return lines;
    JsonlReader reader(log());
    (void)reader.next();
    for (auto row = reader.next(); row; row = reader.next()) {
      std::string line = row->at("action").get<std::string>();
      for (const char* key : {"role", "gram", "merged_into"}) {
        if (row->contains(key)) line += fmt::format(" {}", row->at(key).get<std::string>());
      }
      lines.push_back(line);
    }
    return lines;
  }
  std::string text(const std::string& selector) const {
    return browser->evaluate(fmt::format("document.querySelector('{}').innerText", selector));
  }
  void wait_for_text(const std::string& selector, const std::string& part) const {
    browser->wait_until(fmt::format(
        "document.querySelector('{}').innerText.includes({})", selector, json(part).dump()));
  }
  void wait_for_chosen(const std::string& gram) const {
    browser->wait_until(fmt::format("{} === {}", kChosen, json(gram).dump()));
  }
};

TEST_F(PageInBrowser, KeysDecideAndGoOnAndUndoComesBack) {
  open();

  browser->press("a");
  wait_for_chosen("me think again");
  browser->press("r");
  browser->press("1");
  wait_for_text("#counts", "3 of 4 decided: 2 accepted, 1 rejected, 0 merged");
  EXPECT_THAT(
      logged(),
      ElementsAre("accept let me think", "reject me think again", "role deduction wait no that"));
  browser->press("u");
  wait_for_chosen("wait no that");

  wait_for_text("#detail .now", "Undecided");
  EXPECT_THAT(logged().back(), "undo");
  EXPECT_THAT(text("#counts"), HasSubstr("2 of 4 decided"));
  EXPECT_THAT(browser->complaints(), IsEmpty());
}

TEST_F(PageInBrowser, SlashSearchesWhereLettersAreNoKeysAndEscapeEndsIt) {
  open();

  browser->press("/");
  browser->type("no that");
  wait_for_text("#found", "1 gram");
  browser->press("a");
  wait_for_text("#found", "0 grams");
  EXPECT_THAT(logged(), IsEmpty());
  browser->press("Escape");
  wait_for_text("#found", "4 grams");
  browser->press("/");
  browser->type("divided");
  wait_for_chosen("divided by 3");
  browser->press("Enter");
  browser->press("4");

  wait_for_text("#counts", "1 of 4 decided");
  EXPECT_THAT(logged(), ElementsAre("role other divided by 3"));
}

TEST_F(PageInBrowser, MovesByLettersAndArrowsAndStopsAtTheEnds) {
  open();

  for (const char* key : {"j", "ArrowDown", "j", "j", "k"}) browser->press(key);

  wait_for_chosen("wait no that");
  browser->press("End");
  wait_for_chosen("divided by 3");
  browser->press("Home");
  browser->press("ArrowUp");
  wait_for_chosen("let me think");
}

TEST_F(PageInBrowser, MergesIntoTheGramThatIsPicked) {
  open();
  browser->press("j");
  wait_for_chosen("me think again");

  browser->press("m");
  browser->wait_until("document.getElementById('merge').open");
  browser->type("let me");
  browser->wait_until("document.querySelectorAll('#merge-matches div').length === 1");
  browser->press("ArrowDown");
  browser->press("Enter");

  wait_for_text("#counts", "1 merged");
  EXPECT_THAT(logged(), ElementsAre("merge me think again let me think"));
}

TEST_F(PageInBrowser, SaysInTheDialogWhyAGramCannotBeAddedAndTakesAGoodOne) {
  open();
  browser->press("n");
  browser->type("Not. Normal");
  browser->press("Enter");
  wait_for_text("#add-error", "Not. Normal");

  browser->evaluate("document.getElementById('add-gram').value = ''");
  browser->type("let us step back");
  browser->press("Enter");

  wait_for_chosen("let us step back");
  EXPECT_THAT(logged(), ElementsAre("add let us step back"));
}

TEST_F(PageInBrowser, ShowsItsKeys) {
  open();

  browser->press("?");

  browser->wait_until("document.getElementById('help').open");
  EXPECT_THAT(text("#keys"), HasSubstr("undo your last decision"));
  browser->press("a");
  browser->press("Escape");
  browser->wait_until("!document.getElementById('help').open");
  EXPECT_THAT(logged(), IsEmpty());
}

// Contexts are text of a model: markup in them stays text.
TEST_F(PageInBrowser, HighlightsTheGramInContextsAndRunsNoMarkupOfTheirs) {
  candidates.candidates[0].contexts = {
      {"<script>window.bad = 1</script><img src=x onerror='window.bad = 1'>",
       "Let me  think",
       " on"}};
  open();

  EXPECT_EQ(browser->evaluate("document.querySelector('.context mark').textContent"),
            "Let me  think");
  EXPECT_THAT(text(".context"), HasSubstr("<script>window.bad = 1</script>"));
  EXPECT_EQ(browser->evaluate("window.bad === undefined"), true);
  EXPECT_THAT(browser->complaints(), IsEmpty());
}

TEST_F(PageInBrowser, ShowsKappaWithTheOtherReviewer) {
  open("bob");
  for (const char* key : {"a", "a", "r", "r"}) browser->press(key);
  wait_for_text("#counts", "4 of 4");
  open("ann");
  for (const char* key : {"a", "a", "a", "r"}) browser->press(key);

  wait_for_text("#agreement-table", "bob (reviewer)");
  wait_for_text("#agreement-table", "0.50");
}

TEST_F(PageInBrowser, ARefusedDecisionIsShownAndItsGramChosenAgain) {
  open();
  browser->evaluate(
      "(window.realFetch = window.fetch, window.fetch = () => Promise.reject(new Error('gone')), "
      "1)");
  browser->press("a");

  wait_for_text("#banner", "The program does not answer");
  wait_for_chosen("let me think");
  EXPECT_THAT(logged(), IsEmpty());
}

TEST_F(PageInBrowser, DrawsOnlyAWindowOfTenThousandGrams) {
  std::vector<std::string> texts;
  texts.reserve(10000);
  for (int i = 0; i < 10000; ++i) texts.push_back(fmt::format("gram number {}", i));
  candidates = candidates_of(texts);
  open();

  browser->press("End");
  wait_for_chosen("gram number 9999");
  browser->press("a");

  wait_for_text("#counts", "1 of 10,000 decided");
  EXPECT_LT(browser->evaluate("document.querySelectorAll('.option').length"), 60);
  EXPECT_THAT(logged(), ElementsAre("accept gram number 9999"));
}

TEST_F(PageInBrowser, FitsANarrowAndAWideScreenInLightAndDark) {
  const char* pictures = std::getenv("STRATAGRAM_SCREENSHOTS");
  selections = {selection_named("cluster", {{"let me think", true}, {"divided by 3", true}}),
                selection_named("judge", {{"let me think", false}, {"divided by 3", false}})};
  open();
  browser->press("2");
  browser->press("r");
  browser->press("Home");
  for (const bool dark : {false, true}) {
    for (const int width : {400, 1280}) {
      browser->set_size(width, 800);
      browser->set_dark(dark);
      browser->wait_until(fmt::format("innerWidth === {}", width));

      EXPECT_EQ(browser->evaluate("document.documentElement.scrollWidth"), width);
      EXPECT_GE(browser->evaluate("document.getElementById('list').clientHeight"), 80);
      EXPECT_EQ(browser->evaluate(
                    "[...document.querySelectorAll('button, input, select, .verdict')].every("
                    "(one) => one.getBoundingClientRect().right <= innerWidth)"),
                true);
      if (pictures != nullptr) {
        browser->save_screenshot(fs::path(pictures) /
                                 fmt::format("{}-{}.png", width, dark ? "dark" : "light"));
      }
    }
  }
}

TEST_F(PageInBrowser, CasesAreAnsweredByLettersAndTakenBack) {
  const CaseList cases = few_cases();
  CaseDesk answers(cases, log(), "ann");
  const PageServer page(cases_page(answers), {});
  browser->open(page.url());
  wait_for_chosen("step 10, problem p0");
  wait_for_text("#detail", "The response <b>0</b>");

  browser->press("b");
  wait_for_chosen("step 10, problem p1");
  browser->press("1");
  browser->press("d");
  wait_for_text("#counts", "3 of 3 answered");
  browser->press("u");

  wait_for_text("#counts", "2 of 3 answered");
  EXPECT_EQ(answers.answers("ann"), (CaseAnswers{{"0", 1}, {"1", 0}}));
  EXPECT_THAT(browser->complaints(), IsEmpty());
  browser->set_size(400, 800);
  browser->wait_until("innerWidth === 400");
  EXPECT_EQ(browser->evaluate("document.documentElement.scrollWidth"), 400);
  if (const char* pictures = std::getenv("STRATAGRAM_SCREENSHOTS")) {
    browser->save_screenshot(fs::path(pictures) / "cases-400.png");
    browser->set_size(1280, 800);
    browser->save_screenshot(fs::path(pictures) / "cases-1280.png");
  }
}

// Names for those who hear the page, and a visible focus.
TEST_F(PageInBrowser, EveryControlHasANameAndShowsItsFocus) {
  open();

  EXPECT_EQ(browser->evaluate(R"([...document.querySelectorAll('button, input, select, [role]')]
      .filter((one) => one.getAttribute('role') !== 'presentation' &&
              !one.labels?.length && !one.ariaLabel && one.textContent.trim() === '' &&
              !['alert', 'status'].includes(one.getAttribute('role')))
      .map((one) => one.outerHTML))"),
            json::array());
  browser->press("Tab");
  EXPECT_EQ(browser->evaluate("getComputedStyle(document.activeElement).outlineWidth"), "3px");
  EXPECT_EQ(
      browser->evaluate("document.getElementById(document.getElementById('list').getAttribute("
                        "'aria-activedescendant')).getAttribute('aria-posinset')"),
      "1");
}

}  // namespace
}  // namespace stratagram::review
