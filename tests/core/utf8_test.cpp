#include "core/utf8.h"

#include <gtest/gtest.h>

namespace stratagram {
namespace {

TEST(Utf8, RoundTripsEveryScalarValue) {
  for (char32_t code_point = 1; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    std::string text;
    append_utf8_(text, code_point);

    const Utf8Character character = decode_utf8(text, 0);

    ASSERT_TRUE(character.valid) << static_cast<uint32_t>(code_point);
    ASSERT_EQ(character.code_point, code_point);
    ASSERT_EQ(character.num_bytes, text.size());
  }
}

// Expected texts are those of Python's bytes.decode("utf-8", errors="replace").
TEST(Utf8, ReplacesEachMaximalSubpartOnce) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(replace_broken_utf8("a\x80z"), "a" + r + "z");
  EXPECT_EQ(replace_broken_utf8("\xE2\x82"), r);
  EXPECT_EQ(replace_broken_utf8("\xE2\x82 "), r + " ");
  EXPECT_EQ(replace_broken_utf8("\xC0\x80"), r + r);
  EXPECT_EQ(replace_broken_utf8("\xED\xA0\x80"), r + r + r);
  EXPECT_EQ(replace_broken_utf8("\xF0\x9F\x98"), r);
  EXPECT_EQ(replace_broken_utf8("\xF4\x90\x80\x80"), r + r + r + r);
  EXPECT_EQ(replace_broken_utf8("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
}

TEST(Utf8, ReportsValidity) {
  EXPECT_TRUE(is_valid_utf8("let\xe2\x80\x99s \xe2\x80\x94 go"));
  EXPECT_FALSE(is_valid_utf8("\xFF"));
  EXPECT_TRUE(is_valid_utf8(""));
}

}  // namespace
}  // namespace stratagram
