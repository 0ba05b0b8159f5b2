#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/stream.h"
#include "math/parse.h"

namespace stratagram::math {
namespace {

std::string repeated(const std::string& piece, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += piece;
  return text;
}

/// Formulas of every construct, to be broken.
const std::vector<std::string>& seeds() {
  static const std::vector<std::string> kSeeds = {
      "\\frac{1}{2}+\\sqrt[3]{x^2}",
      "\\left(-\\infty,\\frac{3}{4}\\right]\\cup[2,3)",
      "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
      "x=\\frac{-1\\pm\\sqrt{5}}{2}",
      "5\\text{ cm}^2",
      "\\$1,234.50",
      "\\sin^{-1} \\left|x\\right| + \\log_2 8",
      "1\\frac{2}{3}, 4.5e33 \\text{ and } 0.\\overline{3}",
      "\\{x | -2 \\le x < 5\\}",
      "2:30 p.m.",
      "{n \\choose k} \\binom{5}{2} 5!",
      "\\frac{d^2 x}{d t^2} = -\\omega^2 x",
      "(A) twenty-one",
      "np.arcsin(10/13)**2",
      "\xe2\x88\x9a(2)\xc2\xb2 \xe2\x89\xa4 \xc2\xbd\xcf\x80"};
  return kSeeds;
}

TEST(ParseLimits, TakeAnyBytes) {
  const Stream stream({.seed = 11, .purpose = "random_bytes"});
  uint64_t position = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    const uint64_t size = stream.below(80, position++);
    for (uint64_t j = 0; j < size; ++j) {
      text += static_cast<char>(stream.below(256, position++));
    }
    const Parsed parsed = parse_answer(text);

    ASSERT_EQ(parsed.readings.empty(), !parsed.fault.empty());
    ASSERT_LE(parsed.readings.size(), 4U);
  }
}

TEST(ParseLimits, TakeFormulasThatAreCutAndMixed) {
  const Stream stream({.seed = 12, .purpose = "mutated"});
  uint64_t position = 0;
  const auto below = [&](uint64_t bound) { return stream.below(bound, position++); };
  for (int i = 0; i < 6000; ++i) {
    std::string text = seeds()[below(seeds().size())];
    for (uint64_t edits = 1 + below(4); edits > 0; --edits) {
      const std::string& other = seeds()[below(seeds().size())];
      const uint64_t from = below(other.size());
      const std::string piece = other.substr(from, 1 + below(8));
      const uint64_t at = below(text.size() + 1);
      const uint64_t erased = below(4);
      text = text.substr(0, at) + piece + text.substr(std::min<size_t>(at + erased, text.size()));
    }
    const Parsed parsed = parse_answer(text);

    ASSERT_EQ(parsed.readings.empty(), !parsed.fault.empty()) << text;
    for (const Answer& reading : parsed.readings) {
      ASSERT_FALSE(to_text(reading).empty() && reading.kind != AnswerKind::kText) << text;
    }
  }
}

TEST(ParseLimits, NameWhatWasTooMuch) {
  EXPECT_EQ(parse_answer("").fault, "empty");
  EXPECT_EQ(parse_answer(" $ $ \\boxed{} . ").fault, "empty");
  EXPECT_EQ(parse_answer(std::string(70000, '1')).fault, "too_long");
  EXPECT_EQ(parse_answer(std::string(10001, '1')).fault, "too_long");
  EXPECT_EQ(parse_answer(repeated("1+", 30000) + "1").fault, "too_long");
  EXPECT_EQ(parse_answer(repeated("(", 300) + "x" + repeated(")", 300)).fault, "too_deep");
  EXPECT_EQ(parse_answer(repeated("2^", 300) + "2").fault, "too_deep");
  EXPECT_EQ(parse_answer(repeated("\\sqrt", 300) + "2").fault, "too_deep");
}

TEST(ParseLimits, LeaveLongNumbersWithinThemExact) {
  const Parsed parsed = parse_answer(std::string(10000, '7'));

  ASSERT_EQ(parsed.readings.size(), 1U);
  EXPECT_EQ(parsed.readings[0].expression->value.text(), std::string(10000, '7'));
}

TEST(ParseLimits, DoNotFoldHugeExponents) {
  const Parsed parsed = parse_answer("1e999999999999999999999");

  ASSERT_EQ(parsed.readings.size(), 1U);
  EXPECT_EQ(to_text(parsed.readings[0]), "1*10^1000000000000");
}

// Nothing is read twice for each level or each piece: that many steps a byte suffice, however long
// the text. Steps are counted against max_nodes.
TEST(ParseLimits, AreMetByAFewStepsAByte) {
  const std::vector<std::pair<std::string, std::string>> repeats = {{"x+", "1"},
                                                                    {"2x", "y"},
                                                                    {"1/", "x"},
                                                                    {"\\frac{1}{2}x+", "1"},
                                                                    {"1,", "2"},
                                                                    {"(1,2),", "(3,4)"},
                                                                    {"x=1 or ", "x=2"},
                                                                    {"-", "1"},
                                                                    {"\\sin x ", "1"},
                                                                    {"|x|+", "1"},
                                                                    {"1<", "2"},
                                                                    {"[1,2]\\cup ", "[3,4]"},
                                                                    {"!", ""},
                                                                    {"3:", "2"},
                                                                    {"5\\text{ cm} ", ""},
                                                                    {"a ", ""},
                                                                    {"apples ", ""},
                                                                    {"\\pm ", "1"},
                                                                    {"{", "x"},
                                                                    {"}", ""},
                                                                    {"$", ""},
                                                                    {"^", ""},
                                                                    {"\\begin{matrix}", ""},
                                                                    {"\\left|", "x"},
                                                                    {"1\\frac", "12"}};
  for (const auto& [piece, end] : repeats) {
    for (const size_t count : {500UL, 4000UL}) {
      const std::string text = repeated(piece, count) + end;
      const auto steps = static_cast<int64_t>(4 * text.size() + 100);
      const Parsed parsed = parse_answer(text, {.max_bytes = 100000, .max_nodes = steps});

      EXPECT_NE(parsed.fault, "too_long") << piece << " times " << count;
    }
  }
}

TEST(ParseLimits, AreMetByNestedBracketsInAFewStepsAByte) {
  for (const auto& [open, close] :
       std::vector<std::pair<std::string, std::string>>{{"(", ")"},
                                                        {"{", "}"},
                                                        {"[1,", "]"},
                                                        {"\\{1,", "\\}"},
                                                        {"\\frac{1}{1+", "}"},
                                                        {"\\sqrt{1+", "}"},
                                                        {"f(", ")"},
                                                        {"C(", ")"},
                                                        {"x^{", "}"},
                                                        {"\\frac{d ", "}{d x}"},
                                                        {"\\binom{", "}{2}"},
                                                        {"(x=", ")"}}) {
    const std::string text = repeated(open, 60) + "1" + repeated(close, 60);
    const auto steps = static_cast<int64_t>(4 * text.size() + 100);
    const Parsed parsed = parse_answer(text, {.max_nodes = steps});

    EXPECT_EQ(parsed.fault, "") << open;
  }
}

}  // namespace
}  // namespace stratagram::math
