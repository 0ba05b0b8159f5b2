#include "grams/gram_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace stratagram::grams {
namespace {

using ::testing::HasSubstr;

class GramFeatures : public testing::Test {
 protected:
  [[nodiscard]] double value(const std::string& name, const Candidate& candidate) const {
    for (const CountFeature& feature : count_features()) {
      if (feature.name == name) return feature.value(candidate, setting);
    }
    ADD_FAILURE() << "no feature " << name;
    return 0;
  }

  Corpus corpus{.num_documents = 100,
                .num_problems = 50,
                .by_source = {{"thinker", 60}, {"other thinker", 20}, {"plain", 20}}};
  FeatureSetting setting{.corpus = &corpus, .plain_sources = {"plain"}};
};

TEST_F(GramFeatures, AreTheRatiosThatTheyAreNamedFor) {
  const Candidate candidate{.text = "wait 3 of x2",
                            .count = 40,
                            .document_frequency = 20,
                            .problem_frequency = 5,
                            .problem_text_frequency = 4,
                            .sentence_starts = 10,
                            .by_source = {{"thinker", 16}, {"plain", 4}}};

  EXPECT_DOUBLE_EQ(value("problems", candidate), std::log(5.0 / 50));
  EXPECT_DOUBLE_EQ(value("spread", candidate), 5.0 / 20);
  EXPECT_DOUBLE_EQ(value("repeats", candidate), std::log(2.0));
  EXPECT_DOUBLE_EQ(value("problem_text", candidate), 4.0 / 20);
  EXPECT_DOUBLE_EQ(value("digits", candidate), 2.0 / 4);
  EXPECT_DOUBLE_EQ(value("starts", candidate), 10.0 / 40);
  EXPECT_DOUBLE_EQ(value("reasoning", candidate),
                   std::log((16 + 0.5) / 80) - std::log((4 + 0.5) / 20));
  EXPECT_DOUBLE_EQ(value("words", candidate), 4.0);
}

TEST_F(GramFeatures, SayNothingOfThinkingAloudWhenNobodyIsKnownNotTo) {
  setting.plain_sources.clear();

  EXPECT_EQ(value("reasoning", {.text = "let me see", .by_source = {{"thinker", 9}}}), 0);
}

std::string complaint_of(const FeatureSetting& setting) {
  try {
    check_sources(setting);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(GramFeatures, NameASourceThatIsNotThereWithThoseThatAre) {
  setting.plain_sources = {"plain", "gsm"};

  EXPECT_THAT(complaint_of(setting), HasSubstr("plain source 'gsm'"));
  EXPECT_THAT(complaint_of(setting), HasSubstr("'other thinker', 'plain', 'thinker'"));
}

TEST_F(GramFeatures, RefuseToCompareNobodyWithEverybody) {
  setting.plain_sources = {"plain", "thinker", "other thinker"};

  EXPECT_THAT(complaint_of(setting), HasSubstr("all sources"));
}

}  // namespace
}  // namespace stratagram::grams
