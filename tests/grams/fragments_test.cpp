#include "grams/fragments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "core/stream.h"
#include "tests/support/reference/plain_miner.h"

namespace stratagram::grams {
namespace {

using testing::ElementsAre;

std::vector<Candidate> candidates_of(const std::vector<std::pair<std::string, int64_t>>& counts) {
  std::vector<Candidate> candidates;
  for (const auto& [text, count] : counts) candidates.push_back({.text = text, .count = count});
  return candidates;
}

std::vector<std::string> staying(double share,
                                 const std::vector<std::pair<std::string, int64_t>>& counts) {
  std::vector<Candidate> candidates = candidates_of(counts);
  const int64_t num_gone = merge_fragments(share, candidates);
  EXPECT_EQ(num_gone, static_cast<int64_t>(counts.size() - candidates.size()));
  std::vector<std::string> texts;
  for (const Candidate& candidate : candidates) texts.push_back(candidate.text);
  return texts;
}

TEST(MergeFragments, TakesOutAGramThatNearlyAlwaysStandsInsideALongerOne) {
  EXPECT_THAT(staying(0.9, {{"me double check", 10}, {"let me double check", 9}}),
              ElementsAre("let me double check"));
  EXPECT_THAT(staying(0.9, {{"me double check", 11}, {"let me double check", 9}}),
              ElementsAre("me double check", "let me double check"));
}

TEST(MergeFragments, SeesAGramAtTheStartInTheMiddleAndAtTheEndOfALongerOne) {
  EXPECT_THAT(staying(0.9, {{"a b", 5}, {"b c", 5}, {"c d", 5}, {"d a", 5}, {"a b c d", 5}}),
              ElementsAre("d a", "a b c d"));
}

TEST(MergeFragments, ComparesWholeWords) {
  EXPECT_THAT(staying(0.9, {{"et me", 5}, {"let me go", 5}, {"let m", 5}}),
              ElementsAre("et me", "let me go", "let m"));
}

// "x a b y" takes out "x a b"; so "a b" is measured against the former, of which there are few.
TEST(MergeFragments, MeasuresOnlyAgainstGramsThatStay) {
  EXPECT_THAT(staying(0.5, {{"a b", 10}, {"x a b", 6}, {"x a b y", 4}}),
              ElementsAre("a b", "x a b y"));
}

TEST(MergeFragments, DoesNotAddUpDifferentLongerGrams) {
  EXPECT_THAT(staying(0.9, {{"a b", 10}, {"a b c", 5}, {"a b d", 5}}),
              ElementsAre("a b", "a b c", "a b d"));
}

TEST(MergeFragments, TakesOutNoneForAShareAboveOne) {
  EXPECT_THAT(staying(1.01, {{"a b", 5}, {"a b c", 5}}), ElementsAre("a b", "a b c"));
}

TEST(MergeFragments, TakesOutWhatComparingAllPairsTakesOut) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Stream stream({.seed = seed, .purpose = "fragments"});
    uint64_t draw = 0;
    std::map<std::string, int64_t> counts;
    while (counts.size() < 120) {
      std::string gram;
      for (uint64_t i = 1 + stream.below(6, draw++); i > 0; --i) {
        if (!gram.empty()) gram += ' ';
        gram += "abc"[stream.below(3, draw++)];
      }
      counts.emplace(gram, 1 + static_cast<int64_t>(stream.below(20, draw++)));
    }
    const double share = 0.2 + stream.uniform(draw++);
    std::vector<Candidate> candidates = candidates_of({counts.begin(), counts.end()});

    merge_fragments(share, candidates);

    std::set<std::string> stay;
    for (const Candidate& candidate : candidates) stay.insert(candidate.text);
    EXPECT_EQ(stay, reference::plain_unmerged(counts, share)) << seed;
  }
}

}  // namespace
}  // namespace stratagram::grams
