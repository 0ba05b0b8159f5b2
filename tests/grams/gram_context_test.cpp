#include "grams/gram_context.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

Context context(const std::string& text, size_t first, size_t num_words) {
  std::vector<Range> words;
  for (const Word& word : normalise(text)) words.push_back(word.bytes);
  return context_of(text, words, first, num_words);
}

TEST(ContextOf, GivesTheTextAroundAGramAsItIsSpelled) {
  EXPECT_EQ(context("So, wait: Let's  CHECK it. Then go!", 2, 2),
            (Context{"So, wait: ", "Let's  CHECK", " it. Then go"}));
}

TEST(ContextOf, IsEmptyBeforeTheFirstWordAndAfterTheLast) {
  EXPECT_EQ(context("\"let me check\"...", 0, 3), (Context{"", "let me check", ""}));
}

TEST(ContextOf, HoldsTwelveWordsOnEitherSideAndNoMore) {
  std::string before;
  std::string after;
  for (int i = 0; i < 12; ++i) {
    before += fmt::format("b{} ", i);
    after += fmt::format(" a{}", i);
  }

  EXPECT_EQ(context(before + "let me" + after, 12, 2), (Context{before, "let me", after}));
  EXPECT_EQ(context("x " + before + "let me" + after + " y", 13, 2),
            (Context{before, "let me", after}));
}

TEST(ContextOf, EndsBeforeAWordThatGoesBeyond160Bytes) {
  const std::string fits(156, 'f');  // with "so" and two spaces 160
  const std::string formula = fmt::format("${}$", std::string(300, 'x'));

  EXPECT_EQ(context(fits + " so let me so " + fits, 2, 2),
            (Context{fits + " so ", "let me", " so " + fits}));
  EXPECT_EQ(context(fits + "f so let me so f" + fits, 2, 2), (Context{"so ", "let me", " so"}));
  EXPECT_EQ(context(formula + " so let me so " + formula, 2, 2), (Context{"so ", "let me", " so"}));
  EXPECT_EQ(context(formula + " let me " + formula, 1, 2), (Context{"", "let me", ""}));
}

TEST(ContextOf, CutsNoCharacterInTwo) {
  std::string words;
  for (int i = 0; i < 30; ++i) words += "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9 ";

  const Context around = context(words + "let me " + words, 30, 2);

  EXPECT_EQ(around.before, words.substr(0, 9 * 17));
  EXPECT_EQ(around.after, fmt::format(" {}", words.substr(0, 9 * 17 - 1)));
}

}  // namespace
}  // namespace stratagram::grams
