#include "grams/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/jsonl.h"
#include "core/stream.h"
#include "grams/normaliser.h"
#include "tests/support/reference/plain_matcher.h"
#include "tests/support/shared_data.h"

namespace stratagram::grams {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Catalogue catalogue_of(const std::vector<std::string>& grams) {
  Catalogue catalogue{.name = "test", .source = "", .corpus_digest = "", .grams = {}};
  for (const std::string& gram : grams) catalogue.grams.push_back({.text = gram});
  return catalogue;
}

// The texts of the occurrences.
std::vector<std::string> found(const std::vector<std::string>& grams, std::string_view text) {
  std::vector<std::string> texts;
  for (const Occurrence& o : Matcher(catalogue_of(grams)).find(text).all) {
    texts.emplace_back(text.substr(o.bytes.begin, o.bytes.end - o.bytes.begin));
  }
  return texts;
}

TEST(Matcher, FindsAGramWhateverPunctuationIsBetweenItsWords) {
  EXPECT_THAT(found({"wait let me"}, "So wait, let me"), ElementsAre("wait, let me"));
  EXPECT_THAT(found({"wait let me"}, "Wait - let me see"), ElementsAre("Wait - let me"));
  EXPECT_THAT(found({"wait let me"}, "Wait \xe2\x80\x94 let me try"),
              ElementsAre("Wait \xe2\x80\x94 let me"));
  EXPECT_THAT(found({"let's try another"}, "let\xe2\x80\x99s try\nanother"),
              ElementsAre("let\xe2\x80\x99s try\nanother"));
}

TEST(Matcher, FindsGramsAtTheVeryStartAndEnd) {
  EXPECT_THAT(found({"let me see", "it is so"}, "let me see if it is so"),
              ElementsAre("let me see", "it is so"));
}

TEST(Matcher, FindsNoGramAcrossABreakOrAFormula) {
  EXPECT_THAT(found({"wait let me"}, "wait. let me"), IsEmpty());
  EXPECT_THAT(found({"wait let me"}, "wait\n\nlet me"), IsEmpty());
  EXPECT_THAT(found({"wait let me"}, "wait $x$ let me"), IsEmpty());
  EXPECT_THAT(found({"wait let me"}, "wait ```x``` let me"), IsEmpty());
  EXPECT_THAT(found({"wait let me"}, "wait\n```python\nx = 5\n```\nlet me"), IsEmpty());
  EXPECT_THAT(found({"wait let me"}, "wait \\(x\\) let me"), IsEmpty());
  EXPECT_THAT(found({"wait let me"}, "$wait let me$ and ```wait let me```"), IsEmpty());
}

TEST(Matcher, ComparesWholeWords) {
  EXPECT_THAT(found({"other"}, "another"), IsEmpty());
  EXPECT_THAT(found({"other way"}, "another way"), IsEmpty());
  EXPECT_THAT(found({"the other"}, "the others"), IsEmpty());
}

TEST(Matcher, FindsOverlappingGramsAndCountsTheLongestLeftToRight) {
  const Matcher matcher(catalogue_of({"let me", "let me check", "me check the", "check the sum"}));

  const Matches matches = matcher.find("let me check the sum");

  ASSERT_EQ(matches.all.size(), 4U);
  ASSERT_EQ(matches.counted.size(), 1U);
  EXPECT_EQ(matches.counted[0].gram, 1);
  EXPECT_EQ(matches.counted[0].words, (Range{0, 3}));
}

TEST(Matcher, CountsOnAfterAnOccurrence) {
  const Matcher matcher(catalogue_of({"a b", "b a"}));

  const Matches matches = matcher.find("a b a b");

  EXPECT_EQ(matches.all.size(), 3U);
  ASSERT_EQ(matches.counted.size(), 2U);
  EXPECT_EQ(matches.counted[1].words, (Range{2, 4}));
}

TEST(Matcher, HandlesTwoHundredThousandWords) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "let me ";
  const Matcher matcher(catalogue_of({"let me", "let me let me let me"}));

  const Matches matches = matcher.find(text);

  EXPECT_EQ(matches.all.size(), 100000U + 99998U);
  EXPECT_EQ(matches.counted.size(), 33333U + 1U);
}

TEST(Matcher, EqualsTheNaiveSearchOnRandomTexts) {
  const std::vector<std::string> alphabet{"a", "b", "c", ",", ".", "$x$", "a", "b"};
  for (uint64_t round = 0; round < 300; ++round) {
    const Stream stream({.seed = round, .purpose = "matcher"});
    uint64_t draw = 0;
    std::set<std::string> grams;
    for (uint64_t g = 0; g < 1 + stream.below(12, draw++); ++g) {
      std::string gram;
      for (uint64_t i = 0; i < 1 + stream.below(6, 1000 + draw++); ++i) {
        gram += (gram.empty() ? "" : " ") + alphabet[stream.below(3, draw++)];
      }
      if (normalise(gram).size() <= 6) grams.insert(gram);
    }
    std::string text;
    for (int i = 0; i < 60; ++i) text += alphabet[stream.below(alphabet.size(), draw++)] + " ";
    const Catalogue catalogue = catalogue_of({grams.begin(), grams.end()});

    const Matches matches = Matcher(catalogue).find(text);

    const auto found_once = reference::plain(matches);
    ASSERT_EQ(found_once.size(), matches.all.size()) << "an occurrence was found twice";
    ASSERT_EQ(found_once, reference::PlainMatcher(catalogue).find(text)) << text;
  }
}

double share_of_words_marked(const Matcher& matcher, const std::string& text) {
  std::vector<Range> marked;
  for (const Occurrence& o : matcher.find(text).all) marked.push_back(o.words);
  std::set<int64_t> words;
  for (const Range& range : marked) {
    for (int64_t w = range.begin; w < range.end; ++w) words.insert(w);
  }
  return static_cast<double>(words.size()) / static_cast<double>(normalise(text).size());
}

// What the catalogues mark on real solutions (definitions, section 2).
TEST(PaperCatalogues, MarkTheSharesOfRealTracesThatTheirDefinitionStates) {
  const auto traces = shared_data("traces/limo_r1_distill_qwen_32b.jsonl");
  if (!traces) GTEST_SKIP() << "the real traces are absent";
  const std::string folder = std::string(STRATAGRAM_SOURCE_DIR) + "/data/catalogues/";
  const Matcher some(Catalogue::load(folder + "paper-v3.json"));
  const Matcher all(Catalogue::load(folder + "paper-v3-all.json"));
  double some_share = 0;
  double all_share = 0;
  int64_t count = 0;
  JsonlReader reader(*traces);
  for (auto row = reader.next(); row && count < 60; row = reader.next(), ++count) {
    const auto text = row->at("response").get<std::string>();
    some_share += share_of_words_marked(some, text);
    all_share += share_of_words_marked(all, text);
  }
  some_share /= static_cast<double>(count);
  all_share /= static_cast<double>(count);

  EXPECT_GT(some_share, 0.01);
  EXPECT_LT(some_share, 0.05);
  EXPECT_GT(all_share, 0.09);
  EXPECT_LT(all_share, 0.15);
}

}  // namespace
}  // namespace stratagram::grams
