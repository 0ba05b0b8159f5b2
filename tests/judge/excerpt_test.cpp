#include "judge/excerpt.h"

#include <gtest/gtest.h>

#include "core/utf8.h"

namespace stratagram::judge {
namespace {

TEST(OneLine, JoinsLinesAndCutsWhatIsTooLong) {
  EXPECT_EQ(one_line(" a\n\n b\tc ", 20), "a b c");
  EXPECT_EQ(one_line("abcdef", 6), "abcdef");
  EXPECT_EQ(one_line("abcdefg", 6), "abcdef...");
}

TEST(OneLine, CutsInsideNoCharacter) {
  EXPECT_EQ(one_line("ab\xc3\xa9xyz", 3), "ab...");
  EXPECT_EQ(one_line("a\xff", 10), "a\xef\xbf\xbd");
}

TEST(ShortenMiddle, KeepsAWholeTextAsItIs) {
  const Shortened kept = shorten_middle("0123456789", 10);

  EXPECT_EQ(kept.text, "0123456789");
  EXPECT_EQ(kept.num_left_out, 0U);
}

TEST(ShortenMiddle, KeepsBeginningAndEndAndSaysWhatIsMissing) {
  const Shortened cut = shorten_middle("0123456789", 6);

  EXPECT_EQ(cut.text, "012\n[... 4 bytes left out here ...]\n789");
  EXPECT_EQ(cut.num_left_out, 4U);
}

TEST(ShortenMiddle, CutsInsideNoCharacterWhereverItCuts) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "\xe2\x82\xac";
  for (size_t max = 0; max < text.size(); ++max) {
    EXPECT_TRUE(is_valid_utf8(shorten_middle(text, max).text)) << max;
  }
}

}  // namespace
}  // namespace stratagram::judge
