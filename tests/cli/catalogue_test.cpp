// From candidates to a catalogue and what is asked of one: grams freeze, show, diff, tag, coverage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCandidates =
    R"({"format": 1, "normaliser": 1, "corpus_digest": "c0", "documents": 9, "problems": 4, )"
    R"("words": 90, "duplicates": 0, "wrong": 0}
{"gram": "wait let me", "count": 7, "documents": 5, "problems": 3, "problem_text": 0, "starts": 2}
{"gram": "this means that", "count": 6, "documents": 4, "problems": 3, "problem_text": 0, "starts": 2}
)";

constexpr const char* kSelector =
    R"({"format": 1, "method": "selector", "corpus_digest": "c0", "settings": {"bias": -1.5}}
{"gram": "wait let me", "strategic": true, "score": 0.9, "role": "backtracing"}
{"gram": "this means that", "strategic": true, "score": 0.8, "role": "deduction"}
)";

constexpr const char* kReview =
    R"({"format": 1, "method": "review", "corpus_digest": "c0", "settings": {}}
{"gram": "this means that", "strategic": false}
{"gram": "let us step back", "strategic": true, "role": "backtracing"}
)";

class CatalogueCommands : public testing::Test {
 protected:
  CatalogueCommands() {
    work.write("candidates.jsonl", kCandidates);
    work.write("selector.jsonl", kSelector);
    work.write("review.jsonl", kReview);
  }

  [[nodiscard]] ProgramResult freeze(const std::vector<std::string>& selections,
                                     const std::string& out,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {
        "grams", "freeze", "candidates.jsonl", "--name", "mine", "--out", out};
    for (const std::string& file : selections) words.insert(words.end(), {"--selection", file});
    words.insert(words.end(), more.begin(), more.end());
    return work.run(words);
  }

  Workspace work;
};

TEST_F(CatalogueCommands, FreezeWritesACatalogueThatHoldsTheSelectorsWeights) {
  const ProgramResult result = freeze({"selector.jsonl"}, "mine.json");

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("mine: 2 grams\ndigest  "));
  EXPECT_THAT(result.out, HasSubstr("\nbacktracing           1          1\n"));
  const json written = json::parse(work.read("mine.json"));
  EXPECT_EQ(written.at("selection")[0].at("settings").at("bias"), -1.5);
  EXPECT_EQ(written.at("corpus_digest"), "c0");
  EXPECT_EQ(written.at("grams")[1].at("count"), 7);
  EXPECT_THAT(result.out, HasSubstr(written.at("sha256").get<std::string>()));
}

TEST_F(CatalogueCommands, FreezeLetsTheReviewDecideInEitherOrder) {
  expect_success(freeze({"selector.jsonl", "review.jsonl"}, "a.json"));
  const ProgramResult other = freeze({"review.jsonl", "selector.jsonl"}, "b.json");

  expect_success(other);
  EXPECT_EQ(work.read("a.json"), work.read("b.json"));
  EXPECT_THAT(other.err,
              HasSubstr("review.jsonl (review): 2 grams, 1 strategic; added 1, rejected 1"));
  EXPECT_THAT(other.err, HasSubstr("1 grams are no candidates"));
  const json grams = json::parse(work.read("a.json")).at("grams");
  ASSERT_EQ(grams.size(), 2U);
  EXPECT_EQ(grams[0].at("text"), "let us step back");
  EXPECT_EQ(grams[0].at("origin"), "manual");
  EXPECT_EQ(grams[1].at("text"), "wait let me");
}

TEST_F(CatalogueCommands, FreezeRefusesAnotherCorpusUnlessTold) {
  std::string other = kSelector;
  other.replace(other.find("\"c0\""), 4, "\"c1\"");
  work.write("other.jsonl", other);

  expect_failure(freeze({"other.jsonl"}, "mine.json"), 3, {"other.jsonl", "c1", "c0"});
  EXPECT_FALSE(work.exists("mine.json"));
  const ProgramResult told = freeze({"other.jsonl"}, "mine.json", {"--other-corpus"});
  expect_success(told);
  EXPECT_THAT(told.err, HasSubstr("other.jsonl: was made from another corpus"));
}

TEST_F(CatalogueCommands, FreezeNamesWhatIsWrongWithItsFilesAndArguments) {
  expect_failure(
      work.run({"grams", "freeze", "candidates.jsonl", "--name", "x", "--out", "y.json"}),
      2,
      {"--selection is required"});
  expect_failure(freeze({"selector.jsonl"}, "mine.json", {"--name", "a b"}), 2, {"--name"});
  expect_failure(freeze({"none.jsonl"}, "mine.json"), 3, {"none.jsonl"});
  work.write("broken.jsonl",
             std::string(kSelector) + "{\"gram\": \"so we have\", \"strategic\": 1}\n");
  expect_failure(freeze({"broken.jsonl"}, "mine.json"), 3, {"broken.jsonl:4", "'strategic'"});
  work.write("candidates.jsonl", std::string(kCandidates) + "{\"gram\"\n");
  expect_failure(freeze({"selector.jsonl"}, "mine.json"), 3, {"candidates.jsonl:4"});
  EXPECT_FALSE(work.exists("mine.json"));
}

TEST_F(CatalogueCommands, FreezeNeverWritesOverACatalogue) {
  work.write("mine.json", "older");

  expect_failure(freeze({"selector.jsonl"}, "mine.json"), 2, {"mine.json: is there already"});
  EXPECT_EQ(work.read("mine.json"), "older");
}

TEST_F(CatalogueCommands, AFrozenCatalogueTagsText) {
  expect_success(freeze({"selector.jsonl"}, "mine.json"));
  work.write("notes.txt", "Wait, let me see.\nThis means that x = 2.\n");

  const ProgramResult result =
      work.run({"grams", "tag", "notes.txt", "--plain", "--catalogue", "mine.json"});

  expect_success(result);
  const json row = json::parse(result.out);
  EXPECT_EQ(row.at("file"), "notes.txt");
  ASSERT_EQ(row.at("grams").size(), 2U);
  EXPECT_EQ(row.at("grams")[0].at("role"), "backtracing");
  EXPECT_EQ(row.at("grams")[1].at("gram"), "this means that");
}

TEST_F(CatalogueCommands, TagReadsTheRowsOfAnotherTrainerAndKeepsThem) {
  work.write("dump.jsonl", R"({"input": "1+1?", "output": "What if we try 2?", "extra": [1]})");

  const ProgramResult result = work.run({"grams", "tag", "dump.jsonl"});

  expect_success(result);
  const json row = json::parse(result.out);
  EXPECT_EQ(row.at("extra"), json::array({1}));
  EXPECT_EQ(row.at("grams")[0].at("gram"), "what if we try");
}

TEST_F(CatalogueCommands, TagMarksTheFirstResponsesOnly) {
  work.write("rows.jsonl", "{\"response\": \"a\"}\n{\"response\": \"b\"}\n{\"response\": \"c\"}\n");

  EXPECT_EQ(lines_of(work.run({"grams", "tag", "rows.jsonl", "--limit", "2"}).out).size(), 2U);
  EXPECT_EQ(lines_of(work.run({"grams", "tag", "rows.jsonl"}).out).size(), 3U);
}

TEST_F(CatalogueCommands, TagRefusesFieldsOfAPlainText) {
  work.write("notes.txt", "x");

  expect_failure(work.run({"grams", "tag", "notes.txt", "--plain", "--field", "response=text"}),
                 2,
                 {"--plain", "leave out --preset and --field"});
}

TEST_F(CatalogueCommands, TagPutsSourceStepAndVerdictOverAResponse) {
  work.write("rows.jsonl",
             R"({"model": "<m>", "step": 4, "id": "p7", "correct": false, "response": "x"})");

  const ProgramResult result = work.run({"grams", "tag", "rows.jsonl", "--format", "html"});

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("<h2>&lt;m&gt;, step 4, problem p7, wrong</h2>"));
}

TEST_F(CatalogueCommands, ShowIsPlainInAPipeAndAsFilesOnRequest) {
  expect_success(freeze({"selector.jsonl"}, "mine.json"));

  const ProgramResult table = work.run({"grams", "show", "mine.json", "--by", "frequency"});
  const ProgramResult csv = work.run({"grams", "show", "mine.json", "--csv"});
  const ProgramResult file = work.run({"grams", "show", "mine.json", "--json"});

  EXPECT_THAT(table.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(table.out, HasSubstr("chosen  selector: 2 grams, 2 strategic; added 2, rejected 0"));
  EXPECT_LT(table.out.find("wait let me"), table.out.find("this means that"));
  EXPECT_EQ(lines_of(csv.out).at(1), "this means that,deduction,mined,,,6,4");
  EXPECT_EQ(json::parse(file.out), json::parse(work.read("mine.json")));
}

TEST_F(CatalogueCommands, ShowRefusesTwoFormatsAndAnUnknownOrder) {
  expect_failure(work.run({"grams", "show", "--json", "--csv"}), 2, {"--json excludes --csv"});
  expect_failure(work.run({"grams", "show", "--by", "length"}), 2, {"--by", "length"});
}

TEST_F(CatalogueCommands, DiffIsNoFailureWhetherCataloguesDifferOrNot) {
  expect_success(freeze({"selector.jsonl"}, "a.json"));
  expect_success(freeze({"selector.jsonl", "review.jsonl"}, "b.json"));

  const ProgramResult differ = work.run({"grams", "diff", "a.json", "b.json"});
  const ProgramResult same = work.run({"grams", "diff", "a.json", "a.json"});
  const ProgramResult object = work.run({"grams", "diff", "a.json", "b.json", "--json"});

  expect_success(differ);
  EXPECT_THAT(differ.out, HasSubstr("+ backtracing  let us step back\n"));
  EXPECT_THAT(differ.out, HasSubstr("- deduction    this means that\n"));
  expect_success(same);
  EXPECT_THAT(same.out, HasSubstr("the digests are equal"));
  EXPECT_EQ(json::parse(object.out).at("removed")[0].at("gram"), "this means that");
}

TEST_F(CatalogueCommands, DiffNamesTheCatalogueThatIsBroken) {
  work.write("broken.json", "{\"schema\": 1");

  expect_failure(work.run({"grams", "diff", "paper-v3", "broken.json"}), 3, {"broken.json"});
  expect_failure(work.run({"grams", "diff", "paper-v3"}), 2, {"B is required"});
}

}  // namespace
}  // namespace stratagram
