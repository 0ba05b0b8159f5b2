#include "text/field_pattern.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

std::string fill(const std::string& pattern, const json& row, int64_t number = 0) {
  return FieldPattern(pattern, "set 's'").fill(row, {.number = number, .where = "f.jsonl:3"});
}

TEST(FieldPattern, JoinsFieldsAndLiteralsInOrder) {
  EXPECT_EQ(fill("aime-{year}-{no}!", {{"year", 1983}, {"no", 2}}), "aime-1983-2!");
  EXPECT_EQ(fill("{a}{b}", {{"a", "x "}, {"b", " y"}}), "x  y");
  EXPECT_EQ(fill("constant", json::object()), "constant");
}

TEST(FieldPattern, TakesTheNumberOfTheRow) {
  EXPECT_EQ(fill("s-{#}", {{"#", "no field"}}, 41), "s-41");
}

TEST(FieldPattern, LeavesTextsAsTheyAre) {
  EXPECT_EQ(fill("{a}", {{"a", " {b|c} \n27.0 "}}), " {b|c} \n27.0 ");
}

TEST(FieldPattern, WritesWholeNumbersWithoutAPoint) {
  EXPECT_EQ(fill("{a}", {{"a", 27.0}}), "27");
  EXPECT_EQ(fill("{a}", {{"a", -3.0}}), "-3");
  EXPECT_EQ(fill("{a}", {{"a", 1.84}}), "1.84");
  EXPECT_EQ(fill("{a}", {{"a", 1e300}}), "1e+300");
}

TEST(FieldPattern, AfterTakesTheLastMark) {
  EXPECT_EQ(fill("{a|after:####}", {{"a", "1 #### 2\n#### 1,080 \n"}}), "1,080");
}

TEST(FieldPattern, BeforeTakesTheFirstMarkOrTheWholeText) {
  EXPECT_EQ(fill("{a|before: (}", {{"a", "9 (apples) (red)"}}), "9");
  EXPECT_EQ(fill("{a|before: (}", {{"a", "-(1/3) (m)"}}), "-(1/3)");
  EXPECT_EQ(fill("{a|before: (}", {{"a", "Yes "}}), "Yes");
}

TEST(FieldPattern, BoxedTakesTheLastBoxWithItsInnerBraces) {
  EXPECT_EQ(fill("{a|boxed}", {{"a", R"(\boxed{1} so \boxed{\frac{1}{2}}.)"}}), R"(\frac{1}{2})");
  EXPECT_EQ(fill("{a|boxed}", {{"a", R"(\boxed{})"}}), "");
}

TEST(FieldPattern, FiltersFollowEachOtherFromTheLeft) {
  EXPECT_EQ(fill("{a|only|before:=|after:x}", {{"a", {"x 1 = x 2"}}}), "1");
  EXPECT_EQ(fill("{a|only|trim}", {{"a", {" 5 "}}}), "5");
}

TEST(FieldPattern, NamesTheRowAndTheFieldThatDoNotFit) {
  const auto refused = [](const std::string& pattern, const json& row, const std::string& what) {
    expect_error(
        [&] { (void)fill(pattern, row); }, ErrorKind::kData, "f.jsonl:3: field 'a'" + what);
  };
  refused("{a}", {{"b", 1}}, " is missing");
  refused("{a}", {{"a", nullptr}}, ": wanted a text or a number, got null");
  refused("{a}", {{"a", {1}}}, ": wanted a text or a number, got [1]");
  refused("{a|trim}", {{"a", true}}, ": wanted a text or a number, got true");
  refused("{a|after:####}", {{"a", "no mark"}}, ": wanted '####' in it, got \"no mark\"");
  refused("{a|boxed}", {{"a", "\\boxed{1"}}, ": wanted a whole \\boxed{...} in it");
  refused("{a|boxed}", {{"a", "1"}}, ": wanted a whole \\boxed{...} in it");
  refused("{a|only}", {{"a", {1, 2}}}, ": wanted a list of one element, got [1,2]");
  refused("{a|only}", {{"a", "x"}}, ": wanted a list of one element, got \"x\"");
}

TEST(FieldPattern, CutsLongForeignTextInMessages) {
  const std::string text(5000, 'x');

  try {
    (void)fill("{a|boxed}", {{"a", text}});
    FAIL() << "a text without a box was taken";
  } catch (const Error& error) {
    EXPECT_LT(std::string(error.what()).size(), 200U);
  }
}

TEST(FieldPattern, RefusesPatternsThatDoNotParse) {
  const auto refused = [](const std::string& pattern, const std::string& what) {
    expect_error([&] { (void)FieldPattern(pattern, "set 's'"); },
                 ErrorKind::kConfig,
                 "set 's': pattern '" + pattern + "': " + what);
  };
  refused("{a", "a brace without its partner");
  refused("a}", "a brace without its partner");
  refused("{a{b}}", "a brace without its partner");
  refused("{}", "wanted a field's name");
  refused("{|trim}", "wanted a field's name");
  refused("{a|trin}", "unknown filter 'trin'; did you mean 'trim'?");
  refused("{a|}", "unknown filter ''");
  refused("{a|after}", "filter 'after': wanted after:TEXT");
  refused("{a|before:}", "filter 'before': wanted before:TEXT");
  refused("{a|trim:x}", "filter 'trim': wanted no argument");
}

}  // namespace
}  // namespace stratagram::text
