#include "grams/followers.h"

#include <gtest/gtest.h>

namespace stratagram::grams {
namespace {

std::vector<Follower> follow(const std::string& text) {
  const Matcher matcher({.name = "test",
                         .source = "",
                         .corpus_digest = "",
                         .grams = {{.text = "wait let me"}, {.text = "so we"}}});
  return followers(matcher, text, 3);
}

TEST(Followers, AreTheNextExecutionWordsWithNumbersReplaced) {
  const auto found = follow("Wait, let me add 12 and 30. So we get $x$ or 5 of 7.");

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].gram, 0);
  EXPECT_EQ(found[0].key, "add <num> and");
  EXPECT_EQ(found[1].key, "get <math> or");
}

TEST(Followers, PassOverOtherGrams) {
  EXPECT_EQ(follow("wait let me so we add two more").at(0).key, "add two more");
}

TEST(Followers, AreAbsentNearTheEnd) {
  EXPECT_TRUE(follow("add 5. wait let me see it").empty());
}

}  // namespace
}  // namespace stratagram::grams
