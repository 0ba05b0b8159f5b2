#include "grams/placebo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

}  // namespace
}  // namespace stratagram::grams
