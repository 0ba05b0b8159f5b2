#include "analysis/output.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "analysis/measures.h"
#include "core/file.h"

namespace stratagram::analysis {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

grams::Catalogue catalogue() {
  return {.name = "one", .grams = {{.text = "let me check"}}};
}

Figure figure(const std::string& measure, const std::string& group, double value) {
  return {.measure = measure, .group = group, .value = value, .n = 7};
}

Analysis of_sources() {
  Analysis analysis;
  analysis.groups = {{.label = "x", .source = "x", .num_problems = 2, .num_responses = 7}};
  Figure full = figure("position/mean", "x", 0.123456789);
  full.interval = {{.low = 0.1, .high = 0.2}};
  full.null = NullRange{.mean = 0.5, .range = {.low = 0.4, .high = 0.6}};
  analysis.figures = {figure("accuracy/mean", "x", 0.5), full};
  Figure difference = figure("accuracy/mean", "y less x", -0.25);
  difference.p = 0.01;
  analysis.differences = {difference};
  return analysis;
}

Analysis of_steps() {
  Analysis analysis;
  for (const int64_t step : {0, 20}) {
    const std::string label = fmt::format("run step {}", step);
    analysis.groups.push_back({.label = label, .source = "run", .step = step, .num_responses = 8});
    analysis.figures.push_back(figure("accuracy/mean", label, 0.25 + static_cast<double>(step)));
  }
  analysis.figures.push_back(figure("planning/share", "run step 20", 0.0625));
  Figure first = figure("aha/first_use", "run", 0);
  first.item = "let me check";
  Figure holds = figure("aha/takes_hold", "run", 20);
  holds.item = "let me check";
  holds.interval = {{.low = 20, .high = 30}};
  analysis.first_uses = {first, holds};
  return analysis;
}

TEST(AnalysisJson, HoldsEveryPartOfAFigureAndNothingThatIsUndefined) {
  const json found = json::parse(to_json(of_sources(), catalogue(), {.nulls = 3}).dump());

  EXPECT_EQ(found.at("format"), 1);
  EXPECT_EQ(found.at("catalogue").at("digest"), catalogue().digest());
  EXPECT_EQ(found.at("nulls"), 3);
  EXPECT_EQ(found.at("groups").at(0).at("problems"), 2);
  const json& plain = found.at("figures").at(0);
  EXPECT_EQ(plain, json::parse(R"({"measure":"accuracy/mean","group":"x","value":0.5,"n":7})"));
  const json& full = found.at("figures").at(1);
  EXPECT_EQ(full.at("value"), 0.123457);
  EXPECT_EQ(full.at("interval_95"), json::parse("[0.1,0.2]"));
  EXPECT_EQ(full.at("null"), json::parse(R"({"mean":0.5,"low":0.4,"high":0.6})"));
  EXPECT_EQ(found.at("differences").at(0).at("p"), 0.01);
}

TEST(AnalysisJson, ExplainsEveryMeasureThatItHolds) {
  const json measures = json::parse(to_json(of_steps(), catalogue(), {}).dump()).at("measures");

  EXPECT_EQ(measures.at("position/mean").at("unit"), "1");
  for (const FigureId& id : figure_ids(catalogue())) {
    EXPECT_TRUE(measures.contains(id.measure)) << id.measure;
  }
  EXPECT_TRUE(measures.contains("aha/takes_hold"));
}

TEST(Measures, AreAllInTheDocument) {
  const std::string document = read_file(STRATAGRAM_SOURCE_DIR "/docs/measurements.md");

  for (const MeasureDoc& doc : measure_docs()) {
    EXPECT_THAT(document, HasSubstr(fmt::format("`{}`", doc.name)));
  }
}

TEST(AnalysisJson, HoldsFirstUses) {
  const json found = json::parse(to_json(of_steps(), catalogue(), {}).dump());

  ASSERT_EQ(found.at("first_uses").size(), 2);
  EXPECT_EQ(found.at("first_uses").at(1).at("item"), "let me check");
  EXPECT_EQ(found.at("first_uses").at(1).at("value"), 20);
  EXPECT_EQ(found.at("hold_steps"), AnalysisConfig{}.hold_steps);
}

TEST(AnalysisCsv, HasElevenCellsALineAndQuotesWhatWouldBreakThem) {
  Analysis analysis = of_sources();
  analysis.figures[0].item = "a, \"b\"\nc";

  const std::string csv = to_csv(analysis);

  EXPECT_THAT(csv, HasSubstr("accuracy/mean,\"a, \"\"b\"\"\nc\",x,0.5,,,7,,,,\n"));
  EXPECT_THAT(csv, HasSubstr("position/mean,,x,0.123457,0.1,0.2,7,0.5,0.4,0.6,\n"));
  EXPECT_THAT(csv, HasSubstr("accuracy/mean,,y less x,-0.25,,,7,,,,0.01\n"));
}

TEST(AnalysisCsv, HoldsFirstUses) {
  EXPECT_THAT(to_csv(of_steps()), HasSubstr("aha/takes_hold,let me check,run,20,20,30,7,,,,\n"));
}

TEST(AnalysisText, HasALineAFigureWithIntervalAndRandomGrams) {
  const std::string text = to_text(of_sources());

  EXPECT_THAT(text, HasSubstr("x: 7 responses to 2 problems\n"));
  EXPECT_THAT(text, testing::ContainsRegex("position/mean +0.1235 +0.1 to 0.2 +7  0.5 \\(0.4 to"));
  EXPECT_THAT(text, HasSubstr("y less x, paired by problem\n"));
  EXPECT_THAT(text, HasSubstr("p = 0.0100"));
  EXPECT_THAT(text, Not(testing::ContainsRegex(" \n")));
}

TEST(AnalysisText, ShowsOfTheGramsTheMostUsed) {
  Analysis analysis = of_sources();
  for (int i = 0; i < 5; ++i) {
    Figure use = figure("use/share", "x", 0.1 * i);
    use.item = fmt::format("gram {}", i);
    use.is_gram = true;
    analysis.figures.push_back(use);
  }

  const std::string text = to_text(analysis, 2);

  EXPECT_THAT(text, HasSubstr("gram 4"));
  EXPECT_THAT(text, HasSubstr("gram 3"));
  EXPECT_THAT(text, Not(HasSubstr("gram 2")));
}

// A column a measure that any step has; a step without it has a dash there.
TEST(AnalysisText, OfStepsIsOneTableWithALineAStep) {
  const std::string text = to_text(of_steps());

  EXPECT_THAT(text, testing::ContainsRegex("step responses +accuracy +planning\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\n +0 +8 +0.25 +-\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\n +20 +8 +20.25 +0.0625\n"));
  EXPECT_THAT(text, Not(HasSubstr("semantic")));
  EXPECT_THAT(text, testing::ContainsRegex("let me check +0 +20  20 to 30 +7\n"));
}

TEST(AnalysisText, OfStepsLeavesOutAPlainEntropyWhereThereIsARarefiedOne) {
  Analysis analysis = of_steps();
  analysis.figures.push_back(figure("semantic_entropy/plain", "run step 0", 1.5));
  const std::string plain = to_text(analysis);
  analysis.figures.push_back(figure("semantic_entropy/rarefied", "run step 0", 1.25));
  const std::string rarefied = to_text(analysis);

  EXPECT_THAT(plain, HasSubstr(" plain"));
  EXPECT_THAT(rarefied, Not(HasSubstr(" plain")));
  EXPECT_THAT(rarefied, HasSubstr("1.25"));
}

}  // namespace
}  // namespace stratagram::analysis
