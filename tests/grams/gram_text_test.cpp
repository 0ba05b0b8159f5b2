#include "grams/gram_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace stratagram::grams {
namespace {

void expect_refused(const std::string& text, const std::string& what) {
  SCOPED_TRACE(text);
  expect_error([&] { check_gram_text(text, "list:7"); }, ErrorKind::kData, "list:7: " + what);
}

TEST(GramText, MayBeOneToSixNormalWords) {
  for (const char* text : {"wait", "let's check", "a b c d e f", "caf\u00e9", "7 is"}) {
    EXPECT_NO_THROW(check_gram_text(text, "list:7")) << text;
  }
}

TEST(GramText, HasNotMoreWordsAndNotFewer) {
  expect_refused("", "'': wanted 1 to 6 words, got 0");
  expect_refused(" , ", "' , ': wanted 1 to 6 words, got 0");
  expect_refused("a b c d e f g", "'a b c d e f g': wanted 1 to 6 words, got 7");
}

TEST(GramText, HoldsNeitherBreakNorFormula) {
  for (const char* text : {"so. wait", "so\n\nwait", "let $x$ be", "\\frac{a}{b}", "<math> $x$"}) {
    expect_refused(text, fmt::format("'{}': holds a break or a formula", text));
  }
}

TEST(GramText, IsInNormalForm) {
  expect_refused("Let me", "'Let me' is not normalised; write 'let me'");
  expect_refused("let  me", "'let  me' is not normalised; write 'let me'");
  expect_refused("let me ", "'let me ' is not normalised; write 'let me'");
  expect_refused(".let me", "'.let me' is not normalised; write 'let me'");
  expect_refused("let\u2019s", "'let\u2019s' is not normalised; write 'let's'");
  expect_refused("cafe\u0301", "'cafe\u0301' is not normalised; write 'caf\u00e9'");
}

}  // namespace
}  // namespace stratagram::grams
