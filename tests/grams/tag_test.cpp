#include "grams/tag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/stream.h"

namespace stratagram::grams {
namespace {

using ::testing::ElementsAre;

Matcher matcher_of(const std::string& gram) {
  return Matcher({.name = "test", .source = "", .corpus_digest = "", .grams = {{.text = gram}}});
}

// Tokens given as their texts, which tile the response.
Tagging tag_pieces(const Matcher& matcher, const std::vector<std::string>& pieces) {
  std::string text;
  std::vector<Range> ranges;
  for (const std::string& piece : pieces) {
    const auto begin = static_cast<int64_t>(text.size());
    text += piece;
    ranges.push_back({begin, static_cast<int64_t>(text.size())});
  }
  return tag(matcher, text, ranges);
}

TEST(Tag, MarksEveryTokenThatSharesInkWithAGram) {
  const Matcher matcher = matcher_of("wait let me");

  EXPECT_THAT(tag_pieces(matcher, {"wait", ",", " let", " me", " go"}).mask,
              ElementsAre(1, 1, 1, 1, 0));
  EXPECT_THAT(tag_pieces(matcher, {"So wa", "it let", " m", "e", " go"}).mask,
              ElementsAre(1, 1, 1, 1, 0));
  EXPECT_THAT(tag_pieces(matcher, {"x", " =", " 5", " wait", " let", " me"}).mask,
              ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(Tag, MarksTheUnionOfOverlappingGramsAndSpansOnlyTheCountedOne) {
  const Matcher matcher({.name = "test",
                         .source = "",
                         .corpus_digest = "",
                         .grams = {{.text = "let me check"}, {.text = "check the sum"}}});

  const Tagging tagging = tag_pieces(matcher, {"Let", " me", " check", " the", " sum", " now"});

  EXPECT_THAT(tagging.mask, ElementsAre(1, 1, 1, 1, 1, 0));
  ASSERT_EQ(tagging.spans.size(), 1U);
  EXPECT_EQ(tagging.spans[0].tokens, (Range{0, 3}));
}

TEST(Tag, DoesNotMarkATokenOfWhiteSpaceAlone) {
  EXPECT_THAT(tag_pieces(matcher_of("wait let me"), {"wait", " ", "let", " \n", "me", "\n"}).mask,
              ElementsAre(1, 0, 1, 0, 1, 0));
}

TEST(Tag, LeavesSpecialTokensWithEmptyRangesUnmarked) {
  EXPECT_THAT(tag_pieces(matcher_of("wait let me"), {"", "wait let", "", " me", ""}).mask,
              ElementsAre(0, 1, 0, 1, 0));
}

TEST(Tag, GivesCountedOccurrencesAsTokenSpans) {
  const Tagging tagging =
      tag_pieces(matcher_of("let me"), {"Let", " me", " go.", " Let", " ", "me"});

  ASSERT_EQ(tagging.spans.size(), 2U);
  EXPECT_EQ(tagging.spans[0].tokens, (Range{0, 2}));
  EXPECT_EQ(tagging.spans[1].tokens, (Range{3, 6}));
  EXPECT_EQ(tagging.spans[1].gram, "let me");
}

TEST(Tag, MarksTheSameBytesForEveryWayOfCutting) {
  const std::string text = "Wait, let me check: wait let  me. So wait \xe2\x80\x94 let me!";
  const Matcher matcher = matcher_of("wait let me");
  std::vector<Range> single;
  for (size_t i = 0; i < text.size(); ++i) {
    single.push_back({static_cast<int64_t>(i), static_cast<int64_t>(i) + 1});
  }
  const std::vector<uint8_t> by_byte = tag(matcher, text, single).mask;

  for (uint64_t round = 0; round < 200; ++round) {
    const Stream stream({.seed = round, .purpose = "cut"});
    std::vector<Range> ranges;
    int64_t begin = 0;
    for (uint64_t i = 0; begin < static_cast<int64_t>(text.size()); ++i) {
      const int64_t end = std::min<int64_t>(static_cast<int64_t>(text.size()),
                                            begin + static_cast<int64_t>(stream.below(6, i)));
      ranges.push_back({begin, end});
      begin = end;
    }
    const std::vector<uint8_t> mask = tag(matcher, text, ranges).mask;
    for (size_t t = 0; t < ranges.size(); ++t) {
      uint8_t wanted = 0;
      for (int64_t i = ranges[t].begin; i < ranges[t].end; ++i) wanted |= by_byte[i];
      ASSERT_EQ(mask[t], wanted) << "token " << t << " of cut " << round;
    }
  }
}

}  // namespace
}  // namespace stratagram::grams
