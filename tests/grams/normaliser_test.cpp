#include "grams/normaliser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace stratagram::grams {
namespace {

// Words with one space between them; "|" where no gram goes on.
std::string words_of(std::string_view text) {
  std::string joined;
  for (const Word& word : normalise(text)) {
    if (!joined.empty()) joined += word.break_before ? " | " : " ";
    joined += word.text;
  }
  return joined;
}

TEST(Normalise, FoldsCaseApostrophesAndCompatibilityForms) {
  EXPECT_EQ(words_of("Let\xe2\x80\x99s TRY"), "let's try");
  EXPECT_EQ(words_of("\xef\xbc\xb7\xef\xbd\x81it"), "wait");  // full-width W and a
  EXPECT_EQ(words_of("\xef\xac\x81nd"), "find");              // the ligature fi
  EXPECT_EQ(words_of("STRASSE stra\xc3\x9f"
                     "e"),
            "strasse strasse");  // sharp s
  EXPECT_EQ(words_of("cafe\xcc\x81 caf\xc3\xa9"), "caf\xc3\xa9 caf\xc3\xa9");
}

TEST(Normalise, KeepsApostrophesOnlyInsideWords) {
  EXPECT_EQ(words_of("'let's' don' 'tis"), "let's don tis");
}

TEST(Normalise, SkipsPunctuationBetweenWords) {
  EXPECT_EQ(words_of("wait, let me"), "wait let me");
  EXPECT_EQ(words_of("Wait \xe2\x80\x94 let me"), "wait let me");
  EXPECT_EQ(words_of("**Wait**\n# let \"me\" (try)"), "wait let me try");
  EXPECT_EQ(words_of("step-by-step"), "step by step");
  EXPECT_EQ(words_of("x = 5 wait"), "x 5 wait");
}

TEST(Normalise, BreaksAtSentencesColonsAndBlankLines) {
  EXPECT_EQ(words_of("a. b? c! d; e: f"), "a | b | c | d | e | f");
  EXPECT_EQ(words_of("a\nb\n\nc\n \t\nd\r\n\r\ne"), "a b | c | d | e");
  EXPECT_EQ(words_of("wait\xe2\x80\xa6 what"), "wait | what");
}

TEST(Normalise, MakesMathematicsAndCodeOneOpaqueWord) {
  EXPECT_EQ(words_of("so $x + 1$ is"), "so <math> is");
  EXPECT_EQ(words_of("so $$a\nb$$ is"), "so <math> is");
  EXPECT_EQ(words_of("so \\(x\\) and \\[y\\] is"), "so <math> and <math> is");
  EXPECT_EQ(words_of("so \\frac{1}{2} is"), "so <math> is");
  EXPECT_EQ(words_of("so \\sqrt[3]{x_{1}} is"), "so <math> is");
  EXPECT_EQ(words_of("run ```let me check``` then"), "run <math> then");
  EXPECT_EQ(words_of("run ```let me"), "run <math>");
}

TEST(Normalise, TakesPricesForWords) {
  EXPECT_EQ(words_of("it costs $5 and $7 now"), "it costs 5 and 7 now");
  EXPECT_EQ(words_of("$ 5 $"), "5");
  EXPECT_EQ(words_of("a $x b\n\nc$ d"), "a x b | c d");
}

TEST(Normalise, GivesTheBytesOfTheOriginal) {
  const std::string text = "Let\xe2\x80\x99s $x$ go";
  const std::vector<Word> words = normalise(text);

  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].bytes, (Range{0, 7}));
  EXPECT_EQ(words[1].bytes, (Range{8, 11}));
  EXPECT_TRUE(words[1].opaque);
  EXPECT_EQ(words[2].bytes, (Range{12, 14}));
}

TEST(Normalise, LetsBrokenBytesSeparateWords) {
  EXPECT_EQ(words_of("let\xff me \xe2\x80"), "let me");
}

TEST(Normalise, TakesTimeThatGrowsWithTheTextWhateverItIs) {
  for (const std::string unit :
       {"$", "$a ", "\\(", "\\[ x", "\\a{", "\\a{b", "{", "```", "\\frac{", "' ", "$$", "\n"}) {
    std::string text;
    while (text.size() < 400000) text += unit;

    const auto start = std::chrono::steady_clock::now();
    (void)normalise(text);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    // A quadratic rule would need minutes.
    EXPECT_LT(seconds.count(), 2.0) << unit;
  }
}

}  // namespace
}  // namespace stratagram::grams
