// The null model: what random grams of the same texts give.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>

#include "analysis/analyse.h"
#include "core/stream.h"
#include "tests/support/temp_folder.h"

namespace stratagram::analysis {
namespace {

grams::Catalogue catalogue() {
  return {.name = "two",
          .grams = {{.text = "let me check", .role = grams::Role::kBacktracing},
                    {.text = "we need to", .role = grams::Role::kDeduction}}};
}

// Sixty problems whose responses hold filler words in a keyed order. With `planted`, the grams of
// the catalogue open each response; else they stand where any other three words may stand.
std::string rows(bool planted) {
  std::string text;
  const Stream stream({.seed = 3, .purpose = "null model test"});
  uint64_t position = 0;
  for (int problem = 0; problem < 60; ++problem) {
    std::vector<std::string> parts;
    for (int i = 0; i < 30; ++i) {
      parts.push_back(fmt::format("phrase number {}", stream.below(8, position++)));
    }
    for (const char* gram : {"let me check", "we need to"}) {
      const size_t place = planted ? 0 : stream.below(parts.size() + 1, position++);
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(place), gram);
    }
    text += fmt::format(R"({{"problem":"{}","response":"{}.","model":"x"}})"
                        "\n",
                        problem,
                        fmt::join(parts, ". "));
  }
  return text;
}

class NullModel : public testing::Test {
 protected:
  [[nodiscard]] Analysis analysed(bool planted, AnalysisConfig config) const {
    config.bootstrap = 0;
    AnalysisInput input;
    input.paths = {folder.write("rows.jsonl", rows(planted))};
    input.catalogue = catalogue();
    return analyse(input, config);
  }
  [[nodiscard]] static Figure figure(const Analysis& analysis, const std::string& measure) {
    for (const Figure& f : analysis.figures) {
      if (f.measure == measure && f.item.empty()) return f;
    }
    ADD_FAILURE() << "no " << measure;
    return {};
  }
  TempFolder folder;
};

TEST_F(NullModel, LiesAtWhatIsNothingSpecialAndFarFromWhatIs) {
  const Figure anywhere = figure(analysed(false, {.nulls = 40}), "position/mean");
  const Figure first = figure(analysed(true, {.nulls = 40}), "position/mean");

  ASSERT_TRUE(anywhere.null && first.null);
  // 120 places, uniform: a standard deviation of 0.026.
  EXPECT_NEAR(anywhere.value, anywhere.null->mean, 0.1);
  EXPECT_LT(first.value, first.null->range.low - 0.2);
}

// Partners have as many words and about as many occurrences, so what only depends on these agrees.
TEST_F(NullModel, HasAboutAsManyGramsAsTheCatalogue) {
  const Figure found = figure(analysed(false, {.nulls = 20}), "grams/per_response");

  ASSERT_TRUE(found.null.has_value());
  EXPECT_DOUBLE_EQ(found.value, 2.0);
  // Each of the eight phrases stands 3.75 times in a response; no partner is as rare as the grams.
  EXPECT_NEAR(found.null->mean, 2 * 3.75, 0.5);
}

TEST_F(NullModel, IsAbsentWhereTheCatalogueChangesNothing) {
  const Analysis found = analysed(false, {.nulls = 5});

  EXPECT_FALSE(figure(found, "length/words").null.has_value());
  EXPECT_TRUE(figure(found, "semantic_entropy/plain").null.has_value());
}

TEST_F(NullModel, IsKeyedByTheSeedAndChangesNothingElse) {
  const Figure one = figure(analysed(false, {.nulls = 6, .seed = 1}), "position/mean");
  const Figure again = figure(analysed(false, {.nulls = 6, .seed = 1}), "position/mean");
  const Figure other = figure(analysed(false, {.nulls = 6, .seed = 2}), "position/mean");
  const Figure without = figure(analysed(false, {.nulls = 0}), "position/mean");

  EXPECT_EQ(one.null->mean, again.null->mean);
  EXPECT_NE(one.null->mean, other.null->mean);
  EXPECT_EQ(one.value, without.value);
  EXPECT_FALSE(without.null.has_value());
}

TEST_F(NullModel, IsLeftOutWithAWarningWhereNoGramOccurs) {
  AnalysisInput input;
  input.paths = {folder.write("rows.jsonl", "{\"response\":\"nothing of the kind\"}\n")};
  input.catalogue = catalogue();

  const Analysis found = analyse(input, {.nulls = 3, .bootstrap = 0});

  for (const Figure& f : found.figures) EXPECT_FALSE(f.null.has_value()) << f.measure;
}

}  // namespace
}  // namespace stratagram::analysis
