// Figures of small files, worked out by hand.
#include "analysis/analyse.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/output.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::analysis {
namespace {

grams::Catalogue catalogue() {
  return {.name = "two",
          .grams = {{.text = "let me check", .role = grams::Role::kBacktracing},
                    {.text = "we need to", .role = grams::Role::kDeduction}}};
}

class Analyse : public testing::Test {
 protected:
  // Problem a: three responses, the user of "let me check" right, one of two others right. Problem
  // b: a user wrong, a non-user right. Source x but for the last row.
  Analyse() {
    folder.write(
        "rows.jsonl",
        R"({"problem":"a","response":"we need to add let me check it","correct":true,"model":"x"}
{"problem":"a","response":"one two three four","correct":true,"model":"x"}
{"problem":"a","response":"five six","correct":false,"model":"x"}
{"problem":"b","response":"let me check all of it","correct":false,"model":"x"}
{"problem":"b","response":"so it is","correct":true,"model":"x"}
{"problem":"b","response":"we need to add","correct":true,"model":"y"}
)");
  }
  [[nodiscard]] Analysis analysed(AnalysisConfig config) const {
    config.bootstrap = 0;
    config.nulls = 0;
    AnalysisInput input;
    input.paths = {folder.path() / "rows.jsonl"};
    input.reading.tokens = true;
    input.catalogue = catalogue();
    return analyse(input, config);
  }
  TempFolder folder;
};

std::optional<double> value(const std::vector<Figure>& figures,
                            const std::string& measure,
                            const std::string& group,
                            const std::string& item = "") {
  for (const Figure& f : figures) {
    if (f.measure == measure && f.group == group && f.item == item) return f.value;
  }
  return std::nullopt;
}

TEST_F(Analyse, CountsWordsGramsRolesTransitionsAndAccuracyAsByHand) {
  const std::vector<Figure> figures = analysed({.follower_words = 1}).figures;

  EXPECT_DOUBLE_EQ(*value(figures, "length/words", "x"), 23.0 / 5);
  EXPECT_DOUBLE_EQ(*value(figures, "accuracy/mean", "x"), 3.0 / 5);
  EXPECT_DOUBLE_EQ(*value(figures, "planning/word_share", "x"), 9.0 / 23);
  EXPECT_DOUBLE_EQ(*value(figures, "grams/per_response", "x"), 3.0 / 5);
  EXPECT_DOUBLE_EQ(*value(figures, "role/share", "x", "backtracing"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*value(figures, "transition/count", "x", "deduction > backtracing"), 1.0);
  EXPECT_DOUBLE_EQ(*value(figures, "transition/probability", "x", "deduction > backtracing"), 1.0);
  EXPECT_DOUBLE_EQ(*value(figures, "use/accuracy", "x", "let me check"), 1.0 / 2);
  const double third = 1.0 / 3;
  EXPECT_NEAR(*value(figures, "semantic_entropy/plain", "x"),
              -third * std::log(third) - 2 * third * std::log(2 * third),
              1e-12);
  // After "let me check" came "it" and "all", after "we need to" came "add": 2/3 log 2.
  EXPECT_NEAR(*value(figures, "conditional_entropy/plain", "x"), 2 * third * std::log(2.0), 1e-12);
  // Places of first words: 0 of 8, 4 of 8, 0 of 6, at the middle of a word.
  EXPECT_NEAR(*value(figures, "position/mean", "x"), (0.5 / 8 + 4.5 / 8 + 0.5 / 6) / 3, 1e-12);
}

// Problem a: 1 against 1/2, weight 1 * 2 / 3; problem b: 0 against 1, weight 1 * 1 / 2.
TEST_F(Analyse, ComparesUseWithNonUseInsideProblems) {
  const std::vector<Figure> figures = analysed({}).figures;

  const double wanted = (2.0 / 3 * 0.5 - 0.5) / (2.0 / 3 + 0.5);
  EXPECT_NEAR(*value(figures, "use/difference", "x", "let me check"), wanted, 1e-12);
  EXPECT_FALSE(value(figures, "use/difference", "y", "we need to").has_value());
}

TEST_F(Analyse, LeavesOutWhatHasNoData) {
  const std::vector<Figure> figures = analysed({}).figures;

  EXPECT_FALSE(value(figures, "semantic_entropy/plain", "y").has_value());
  EXPECT_FALSE(value(figures, "semantic_entropy/rarefied", "x").has_value());
  EXPECT_FALSE(value(figures, "ppl/planning", "x").has_value());
  EXPECT_FALSE(value(figures, "semantic_entropy/cluster", "x").has_value());
}

TEST_F(Analyse, PairsSourcesOnTheProblemsOfBoth) {
  const Analysis found = analysed({.compare = {{"x", "y"}}});

  EXPECT_DOUBLE_EQ(*value(found.differences, "accuracy/mean", "y less x"), 0.5);
  EXPECT_DOUBLE_EQ(*value(found.differences, "length/words", "y less x"), 4 - 9.0 / 2);
}

TEST_F(Analyse, NamesTheSourcesThereAreWhenOneIsAbsent) {
  expect_error(
      [&] { (void)analysed({.compare = {{"x", "z"}}}); }, ErrorKind::kData, "'z'; there are: x, y");
}

TEST_F(Analyse, MeasuresPlanningTokensOfRolloutsThatSayWhichTheyAre) {
  folder.write(
      "rows.jsonl",
      R"({"step":0,"problem_id":"p","prompt":"q","response":"we need to add","verdict":"correct",)"
      R"("token_ids":[1,2,3,4],"logprobs":[-1,-1,-1,-2],"entropies":[0.5,0.5,0.5,3],)"
      R"("planning":[{"begin":0,"end":3,"gram":"we need to"}],"finish":"stop"})"
      "\n");

  const Analysis found = analysed({.by = GroupBy::kNone});

  EXPECT_NEAR(*value(found.figures, "ppl/planning", "all"), std::exp(1.0), 1e-6);
  EXPECT_NEAR(*value(found.figures, "ppl/execution", "all"), std::exp(2.0), 1e-6);
  EXPECT_DOUBLE_EQ(*value(found.figures, "planning/share", "all"), 0.75);
  EXPECT_DOUBLE_EQ(*value(found.figures, "length/truncated_share", "all"), 0.0);
}

// "a the a": counted is "a the" alone, but "the a" makes the last word planning too.
TEST_F(Analyse, MarksTokensByEveryOccurrenceWhereTheirBytesAreKnown) {
  folder.write("rows.jsonl", R"({"problem":"q","response":"a the a b","model":"x"})");
  AnalysisInput input;
  input.paths = {folder.path() / "rows.jsonl"};
  input.catalogue = {.name = "overlap", .grams = {{.text = "a the"}, {.text = "the a"}}};
  input.complete = [](std::span<ReadResponse> responses) {
    for (ReadResponse& read : responses) {
      read.solution.tokens = {.logprobs = {-1, -1, -1, -2},
                              .entropies = {1, 1, 1, 2},
                              .byte_ranges = {{0, 1}, {1, 5}, {5, 7}, {7, 9}}};
    }
  };

  const Analysis found = analyse(input, {.nulls = 0, .bootstrap = 0});

  EXPECT_DOUBLE_EQ(*value(found.figures, "planning/share", "x"), 0.75);
  EXPECT_DOUBLE_EQ(*value(found.figures, "grams/per_response", "x"), 1.0);
  EXPECT_DOUBLE_EQ(*value(found.figures, "entropy/all", "x"), 5.0 / 4);
}

// Divided by the first step that has such tokens, each kind by its own.
TEST_F(Analyse, RelativePerplexityIsThatOfTheFirstStepOfTheSource) {
  std::string rows;
  const auto add = [&](int step, const char* planning, double logprob) {
    rows +=
        fmt::format(R"({{"step":{},"problem_id":"p","prompt":"q","response":"x","verdict":"wrong",)"
                    R"("token_ids":[1,2],"logprobs":[{},{}],"entropies":[1,1],"planning":[{}]}})"
                    "\n",
                    step,
                    logprob,
                    logprob,
                    planning);
  };
  add(3, "", -1);
  add(4, R"({"begin":0,"end":1})", -2);
  add(6, R"({"begin":0,"end":1})", -2.5);
  folder.write("rows.jsonl", rows);

  const std::vector<Figure> figures = analysed({.by = GroupBy::kStep}).figures;

  EXPECT_DOUBLE_EQ(*value(figures, "relative_ppl/execution", "rows step 3"), 1.0);
  EXPECT_FALSE(value(figures, "relative_ppl/planning", "rows step 3").has_value());
  EXPECT_DOUBLE_EQ(*value(figures, "relative_ppl/planning", "rows step 4"), 1.0);
  EXPECT_NEAR(*value(figures, "relative_ppl/planning", "rows step 6"), std::exp(0.5), 1e-12);
  EXPECT_NEAR(*value(figures, "relative_ppl/execution", "rows step 6"), std::exp(1.5), 1e-12);
}

TEST_F(Analyse, CsvLeavesUndefinedCellsEmpty) {
  const std::string csv = to_csv(analysed({}));

  EXPECT_NE(csv.find("accuracy/mean,,x,0.6,,,5,,,,\n"), std::string::npos) << csv.substr(0, 400);
  EXPECT_EQ(csv.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace stratagram::analysis
