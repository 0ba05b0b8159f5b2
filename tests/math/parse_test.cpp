#include "math/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/jsonl.h"
#include "tests/math/answer_names.h"

namespace stratagram::math {
namespace {

TEST(ParseAnswer, ReadsEverySpellingOfTheTable) {
  JsonlReader table(STRATAGRAM_TEST_DATA "/math/spellings.jsonl");
  while (const auto row = table.next()) {
    const auto text = field_of<std::string>(*row, "text", table.where());
    const auto readings = field_of<std::vector<std::string>>(*row, "readings", table.where());

    EXPECT_EQ(spelled(parse_answer(text)), readings) << text;
  }
}

TEST(ParseAnswer, NeverTakesAHedgeForOneValue) {
  for (const char* text : {"5 or 6",
                           "5, 6",
                           "5 and 6",
                           "5? maybe 7",
                           "maybe 5",
                           "5 maybe",
                           "either 5 or 6",
                           "5 (or 6)",
                           "not 5",
                           "at least 5",
                           "more than 5",
                           "5 or more",
                           "5 at most",
                           "between 5 and 6",
                           "probably 5 if x > 0, else 7",
                           "5 \\text{ or } 6",
                           "\\text{either } 5 \\text{ or } 6",
                           "x=5 or x=6",
                           "\\pm 5",
                           "5 to 6",
                           "5 ... wait, 6",
                           "1, 2, 3, \\ldots",
                           "5;6"}) {
    for (const Answer& reading : parse_answer(text).readings) {
      EXPECT_NE(reading.kind, AnswerKind::kValue) << text << " became " << to_text(reading);
    }
  }
}

TEST(ParseAnswer, KeepsHowANumberWasWritten) {
  const auto precision = [](const char* text) { return parse_answer(text).readings[0].precision; };

  ASSERT_TRUE(precision("2.50").has_value());
  EXPECT_TRUE(precision("2.50")->is_decimal);
  EXPECT_EQ(precision("2.50")->decimals, 2);
  EXPECT_EQ(precision("2.50")->significant_digits, 3);
  EXPECT_EQ(precision("0.0031")->significant_digits, 2);
  EXPECT_EQ(precision("4.5e33")->decimals, -32);
  EXPECT_EQ(precision("-1.2 \\times 10^{-3}")->decimals, 4);
  EXPECT_EQ(precision("-1.2 \\times 10^{-3}")->significant_digits, 2);
  EXPECT_FALSE(precision("1234")->is_decimal);
  EXPECT_FALSE(precision("0.\\overline{3}")->is_decimal);
  EXPECT_FALSE(precision("\\frac{1}{2}").has_value());
  EXPECT_FALSE(precision("2.5x").has_value());
}

TEST(ParseAnswer, KeepsWhatAValueWasSaidToBe) {
  const auto label = [](const char* text) { return parse_answer(text).readings[0].label; };

  EXPECT_EQ(label("x = 5"), "x");
  EXPECT_EQ(label("f(x) = 2x"), "f(x)");
  EXPECT_EQ(label("5 = x_1"), "x_1");
  EXPECT_EQ(label("m_{\\max} = 3"), "m_max");
  EXPECT_EQ(label("(x, y) = (1, 2)"), "(x, y)");
  EXPECT_EQ(label("x \\in [1, 2]"), "x");
  EXPECT_EQ(label("x + 1 = 5"), "");
}

TEST(ParseAnswer, KeepsWhatStoodBesideALetter) {
  const Parsed parsed = parse_answer("\\textbf{(B)}\\ 2\\sqrt{3}");

  ASSERT_EQ(parsed.readings.size(), 2U);
  EXPECT_EQ(parsed.readings[0].kind, AnswerKind::kChoice);
  EXPECT_EQ(parsed.readings[0].text, "B");
  EXPECT_EQ(parsed.readings[0].choice_text, "2\\sqrt{3}");
  EXPECT_EQ(to_text(parsed.readings[1]), "2*sqrt(3)");
}

TEST(ParseAnswer, DoesNotCancelTheSignsOfADerivative) {
  EXPECT_NE(to_text(parse_answer("\\frac{dx}{dt}").readings[0]),
            to_text(parse_answer("\\frac{x}{t}").readings[0]));
}

}  // namespace
}  // namespace stratagram::math
