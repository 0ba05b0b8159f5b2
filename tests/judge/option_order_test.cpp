#include "judge/option_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/support/expect_error.h"

namespace stratagram::judge {
namespace {

TEST(OptionOrder, IsAPermutation) {
  for (size_t count = 2; count <= 6; ++count) {
    for (const int64_t asking : {1, 2}) {
      std::vector<size_t> order = option_order(count, "q", asking, 3);
      std::ranges::sort(order);
      for (size_t i = 0; i < count; ++i) EXPECT_EQ(order[i], i);
    }
  }
}

TEST(OptionOrder, OfTheSecondAskingLeavesNoOptionAtItsLetter) {
  for (int question = 0; question < 500; ++question) {
    const std::string name = std::to_string(question);
    const size_t count = 2 + static_cast<size_t>(question) % 5;
    const std::vector<size_t> first = option_order(count, name, 1, 7);
    const std::vector<size_t> second = option_order(count, name, 2, 7);
    for (size_t i = 0; i < count; ++i) EXPECT_NE(first[i], second[i]) << name;
  }
}

TEST(OptionOrder, PutsEachOptionAtEachLetterAboutEquallyOften) {
  constexpr int kQuestions = 4000;
  for (const int64_t asking : {1, 2}) {
    std::vector<int> at_first(4);
    for (int i = 0; i < kQuestions; ++i) {
      ++at_first[option_order(4, std::to_string(i), asking, 0).front()];
    }
    // 1000 each, five standard deviations of a binomial: 5 * sqrt(4000 * 0.25 * 0.75) = 137.
    for (const int count : at_first) EXPECT_NEAR(count, 1000, 137) << asking;
  }
}

TEST(OptionOrder, IsKeyedByQuestionAndSeed) {
  std::set<std::vector<size_t>> by_question;
  std::set<std::vector<size_t>> by_seed;
  for (int i = 0; i < 30; ++i) {
    by_question.insert(option_order(5, std::to_string(i), 1, 0));
    by_seed.insert(option_order(5, "q", 1, static_cast<uint64_t>(i)));
  }

  EXPECT_GT(by_question.size(), 15U);
  EXPECT_GT(by_seed.size(), 15U);
  EXPECT_EQ(option_order(5, "q", 1, 4), option_order(5, "q", 1, 4));
}

TEST(OptionOrder, WantsTwoOptionsAndTwoAskings) {
  expect_error([] { (void)option_order(1, "q", 1, 0); }, ErrorKind::kInternal, "1 options");
  expect_error([] { (void)option_order(3, "q", 3, 0); }, ErrorKind::kInternal, "asking 3");
}

}  // namespace
}  // namespace stratagram::judge
