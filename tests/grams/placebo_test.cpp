#include "grams/placebo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

Catalogue two_grams() {
  return {.name = "two",
          .grams = {{.text = "let me check", .origin = "manual"},
                    {.text = "wait that is wrong", .origin = "manual"},
                    {.text = "never written at all", .origin = "manual"}}};
}

// The first gram occurs 40 times, the second 10 times, among words that repeat at other rates.
std::vector<std::string> made_up_texts() {
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) {
    std::string text = "we add the two sums, let me check. so the total comes out. ";
    if (i % 4 == 0) text += "wait that is wrong. the price of one box falls by half. ";
    if (i % 2 == 0) text += "ten more boats sail north than south again. ";
    texts.push_back(text);
  }
  return texts;
}

int64_t occurrences(const Catalogue& catalogue, const std::vector<std::string>& texts) {
  const Matcher matcher(catalogue);
  int64_t count = 0;
  for (const std::string& text : texts) {
    count += static_cast<int64_t>(matcher.find(text).all.size());
  }
  return count;
}

TEST(Placebo, MatchesNumberLengthAndCount) {
  const std::vector<std::string> texts = made_up_texts();

  const Placebo placebo = make_placebo(Matcher(two_grams()), texts, 3);

  ASSERT_EQ(placebo.catalogue.grams.size(), 2U);
  EXPECT_EQ(std::ranges::count(placebo.catalogue.grams[0].text, ' '), 2);
  EXPECT_EQ(std::ranges::count(placebo.catalogue.grams[1].text, ' '), 3);
  EXPECT_EQ(placebo.original_count, 50);
  EXPECT_NEAR(static_cast<double>(placebo.placebo_count), 50, 5);
  EXPECT_EQ(occurrences(placebo.catalogue, texts), placebo.placebo_count);
}

TEST(Placebo, SharesNoWordWithAnOccurrenceOfTheCatalogue) {
  const std::vector<std::string> texts = made_up_texts();
  const Matcher original(two_grams());
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Matcher partners(make_placebo(original, texts, seed).catalogue);
    for (const std::string& text : texts) {
      for (const Occurrence& mine : partners.find(text).all) {
        for (const Occurrence& theirs : original.find(text).all) {
          EXPECT_TRUE(mine.words.end <= theirs.words.begin || theirs.words.end <= mine.words.begin)
              << partners.catalogue().grams[mine.gram].text;
        }
      }
    }
  }
}

TEST(Placebo, IsKeyedByItsSeed) {
  const std::vector<std::string> texts = made_up_texts();
  const Matcher matcher(two_grams());
  std::set<std::string> digests;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    const Catalogue once = make_placebo(matcher, texts, seed).catalogue;
    EXPECT_EQ(once.digest(), make_placebo(matcher, texts, seed).catalogue.digest());
    digests.insert(once.digest());
  }

  EXPECT_EQ(digests.size(), 8U);
}

TEST(Placebo, CanBeSavedAndLoaded) {
  const TempFolder folder;
  const Placebo placebo = make_placebo(Matcher(two_grams()), made_up_texts(), 3);

  placebo.catalogue.save(folder.path() / "placebo.json");

  EXPECT_EQ(Catalogue::load(folder.path() / "placebo.json").grams, placebo.catalogue.grams);
}

TEST(Placebo, NamesTextsThatDoNotServe) {
  const Matcher matcher(two_grams());

  expect_error([&] { (void)make_placebo(matcher, std::vector<std::string>{"nothing here"}, 0); },
               ErrorKind::kData,
               "none of the 3 grams of two occurs in the 1 texts");
  expect_error([&] { (void)make_placebo(matcher, std::vector<std::string>{"let me check"}, 0); },
               ErrorKind::kData,
               "no partner of 3 words is left for 'let me check'");
}

// "let me check" 20 times; of other three-word texts one 20 times, the others 10, 9, ... 1 times.
std::vector<std::string> texts_of_falling_counts() {
  std::vector<std::string> texts;
  for (int i = 0; i < 20; ++i) {
    std::string text = "let me check. one fair match. ";
    for (int kind = 0; kind < 10; ++kind) {
      if (i < 10 - kind)
        text += std::string("choice number ") + static_cast<char>('a' + kind) + ". ";
    }
    texts.push_back(text);
  }
  return texts;
}

std::set<std::string> partners_of(const PoolOptions& options) {
  const Matcher matcher(two_grams());
  PlaceboPool pool(matcher, options);
  for (const std::string& text : texts_of_falling_counts()) pool.add(text);
  std::vector<uint64_t> seeds(200);
  std::iota(seeds.begin(), seeds.end(), 0);
  std::set<std::string> partners;
  for (const Placebo& placebo : pool.draw(seeds)) {
    for (const Gram& gram : placebo.catalogue.grams) partners.insert(gram.text);
  }
  return partners;
}

TEST(PlaceboPool, DrawsFromTheNearestInCountWhereTooFewLieWithinATenth) {
  EXPECT_THAT(partners_of({.min_choices = 1}), testing::ElementsAre("one fair match"));
  EXPECT_THAT(partners_of({.min_choices = 4}),
              testing::ElementsAre(
                  "choice number a", "choice number b", "choice number c", "one fair match"));
}

// A random half is given up, again and again; what stays must have been counted from its first
// occurrence on.
TEST(PlaceboPool, KeepsNoMoreThanItsBoundAndCountsThatExactly) {
  const std::vector<std::string> texts = made_up_texts();
  const Matcher matcher(two_grams());
  PlaceboPool all(matcher);
  PlaceboPool some(matcher, {.max_ngrams = 20, .skip_unmatched = true});
  for (const std::string& text : texts) {
    all.add(text);
    some.add(text);
    ASSERT_LE(some.num_ngrams(), 20U);
  }
  ASSERT_GT(all.num_ngrams(), 40U);

  std::set<std::string> drawn;
  for (const Placebo& placebo : some.draw({{1, 2, 3, 4, 5, 6}})) {
    EXPECT_EQ(occurrences(placebo.catalogue, texts), placebo.placebo_count);
    for (const Gram& gram : placebo.catalogue.grams) drawn.insert(gram.text);
  }

  EXPECT_FALSE(drawn.empty());
}

TEST(PlaceboPool, LeavesOutAGramForWhichNothingIsLeftWhenToldTo) {
  const Matcher matcher(two_grams());
  PlaceboPool pool(matcher, {.skip_unmatched = true});
  pool.add("let me check. wait that is wrong. one fair match");

  const std::vector<Placebo> placebos = pool.draw({{7}});

  ASSERT_EQ(placebos.front().catalogue.grams.size(), 1U);
  EXPECT_EQ(placebos.front().catalogue.grams[0].text, "one fair match");
  EXPECT_EQ(placebos.front().partner_of, (std::vector<int64_t>{0}));
}

}  // namespace
}  // namespace stratagram::grams
