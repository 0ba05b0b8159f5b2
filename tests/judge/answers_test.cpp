#include "judge/answers.h"

#include <gmock/gmock.h>

namespace stratagram::judge {
namespace {

using testing::ElementsAre;
using Places = std::vector<std::optional<size_t>>;

std::optional<size_t> single(std::string_view text, size_t num_options = 4) {
  return read_answers(text, 1, num_options).at(0);
}

TEST(ReadAnswers, TakesALetterInItsUsualForms) {
  for (const char* text : {"B", "b", " B\n", "B.", "B)", "(B)", "**B**", "**B.**", "**(B)**"}) {
    EXPECT_EQ(single(text), 1U) << text;
  }
}

TEST(ReadAnswers, TakesJsonWithOneMember) {
  for (const char* text : {R"({"answer": "B"})",
                           R"({"1": "b"})",
                           "```json\n{\"answer\": \"B\"}\n```",
                           "```\nB\n```"}) {
    EXPECT_EQ(single(text), 1U) << text;
  }
}

TEST(ReadAnswers, TakesWhatComesAfterThoughts) {
  EXPECT_EQ(single("<think>\nA? No: C.\n</think>\n\nB"), 1U);
  EXPECT_EQ(single("<think>A or B, but the thoughts were cut off"), std::nullopt);
}

TEST(ReadAnswers, GuessesNothingFromSentencesAndDoubtfulJson) {
  for (const char* text : {"",
                           "The answer is B",
                           "Answer: B",
                           "B because it is a slip",
                           "A or B",
                           "AB",
                           "A B",
                           "B\nC",
                           "()",
                           "****",
                           "2",
                           "\"B\"",
                           "[\"B\"]",
                           "null",
                           R"({"answer": "B", "reason": "x"})",
                           R"({"answer": "B", "1": "B"})",
                           R"({"answer": "A", "answer": "B"})",
                           R"({"choice": "B"})",
                           R"({"answer": 1})",
                           R"({"answer": ["B"]})",
                           R"({"answer": "B)",
                           R"({"answer": "B"} or {"answer": "C"})",
                           R"({"2": "B"})",
                           "{}"}) {
    EXPECT_EQ(single(text), std::nullopt) << text;
  }
}

TEST(ReadAnswers, KnowsNoLetterBeyondTheOptions) {
  EXPECT_EQ(single("D", 4), 3U);
  EXPECT_EQ(single("E", 4), std::nullopt);
  EXPECT_EQ(single(R"({"answer": "E"})", 4), std::nullopt);
}

TEST(ReadAnswers, ReadsABatchByItsNumbersWhateverTheirOrder) {
  EXPECT_THAT(read_answers(R"({"3": "A", "1": "C", "2": "b"})", 3, 4), ElementsAre(2U, 1U, 0U));
}

TEST(ReadAnswers, LeavesOutTheItemsOfABatchThatHaveNoLetter) {
  EXPECT_THAT(read_answers(R"({"1": "C", "3": "none"})", 3, 4),
              ElementsAre(2U, std::nullopt, std::nullopt));
}

TEST(ReadAnswers, TakesNothingOfABatchThatIsInDoubt) {
  const Places none(2);
  EXPECT_EQ(read_answers("A", 2, 4), none);
  EXPECT_EQ(read_answers("A, B", 2, 4), none);
  EXPECT_EQ(read_answers(R"({"1": "A", "2": "B", "3": "C"})", 2, 4), none);
  EXPECT_EQ(read_answers(R"({"1": "A", "2": "B", "2": "C"})", 2, 4), none);
  EXPECT_EQ(read_answers(R"({"1": "A", "answer": "B"})", 2, 4), none);
}

TEST(ReadAnswers, SurvivesNestingOfAnyDepth) {
  std::string deep(100'000, '[');
  EXPECT_EQ(single("{\"answer\": " + deep), std::nullopt);
}

}  // namespace
}  // namespace stratagram::judge
