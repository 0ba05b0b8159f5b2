#include "judge/annotate.h"

#include <gmock/gmock.h>

namespace stratagram::judge {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kDeduction = static_cast<size_t>(GramKind::kDeduction);
constexpr auto kBranching = static_cast<size_t>(GramKind::kBranching);
constexpr auto kBacktracing = static_cast<size_t>(GramKind::kBacktracing);
constexpr auto kProcedure = static_cast<size_t>(GramKind::kProcedure);
constexpr auto kNeither = static_cast<size_t>(GramKind::kNeither);

grams::Candidate candidate(const std::string& text) {
  grams::Candidate made{.text = text};
  for (int i = 1; i <= 5; ++i) {
    made.contexts.push_back({.before = "before\n" + std::to_string(i),
                             .gram = text,
                             .after = "after " + std::to_string(i)});
  }
  return made;
}

std::vector<grams::Choice> choices(const std::vector<ItemAnswers>& answers) {
  std::vector<grams::Candidate> candidates;
  for (size_t i = 0; i < answers.size(); ++i) candidates.push_back(candidate(std::to_string(i)));
  return choices_of(candidates, {.items = answers});
}

TEST(GramSurvey, ShowsThePhraseInAsManyContextsAsTold) {
  const std::vector<grams::Candidate> candidates{candidate("what if we")};

  const Survey survey = gram_survey(candidates, 3);

  ASSERT_EQ(survey.items.size(), 1U);
  EXPECT_THAT(survey.items[0].text, HasSubstr("Phrase: what if we\n"));
  EXPECT_THAT(survey.items[0].text, HasSubstr("- before 3 >>what if we<< after 3"));
  EXPECT_THAT(survey.items[0].text, Not(HasSubstr("after 4")));
}

TEST(GramSurvey, NamesEachOptionByItsNumber) {
  const Survey survey = gram_survey({}, 3);

  ASSERT_EQ(survey.options.size(), 5U);
  EXPECT_EQ(survey.options[kDeduction].name, "deduction");
  EXPECT_EQ(survey.options[kBranching].name, "branching");
  EXPECT_EQ(survey.options[kBacktracing].name, "backtracing");
  EXPECT_EQ(survey.options[kProcedure].name, "procedure");
  EXPECT_EQ(survey.options[kNeither].name, "neither");
}

TEST(GramSurvey, CutsALongContextNextToThePhraseLast) {
  grams::Candidate long_one = candidate("g");
  long_one.contexts = {{.before = std::string(1000, 'x') + " near", .gram = "g", .after = "y"}};

  const Survey survey = gram_survey({{long_one}}, 3);

  EXPECT_THAT(survey.items[0].text, HasSubstr("near >>g<< y"));
  EXPECT_LT(survey.items[0].text.size(), 400U);
}

TEST(ChoicesOf, AreStrategicWhenBothAskingsSaySo) {
  const auto made = choices({{kBranching, kBranching},
                             {kBranching, kDeduction},
                             {kBranching, kProcedure},
                             {kNeither, kProcedure}});

  ASSERT_EQ(made.size(), 4U);
  EXPECT_EQ(made[0],
            (grams::Choice{
                .text = "0", .strategic = true, .score = 1.0, .role = grams::Role::kBranching}));
  EXPECT_EQ(made[1], (grams::Choice{.text = "1", .strategic = true, .score = 1.0}));
  EXPECT_EQ(made[2], (grams::Choice{.text = "2", .strategic = false, .score = 0.5}));
  EXPECT_EQ(made[3], (grams::Choice{.text = "3", .strategic = false, .score = 0.0}));
}

TEST(ChoicesOf, GuessNothingWithoutBothAnswers) {
  const auto made = choices(
      {{kBranching, std::nullopt}, {std::nullopt, std::nullopt}, {kBacktracing, kBacktracing}});

  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].text, "2");
  EXPECT_EQ(made[0].role, grams::Role::kBacktracing);
}

}  // namespace
}  // namespace stratagram::judge
