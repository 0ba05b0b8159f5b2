#include "reward/extraction.h"

#include <gtest/gtest.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"

namespace stratagram::reward {
namespace {

TEST(Extract, FindsWhatTheTableOfCasesSays) {
  JsonlReader reader(std::string(STRATAGRAM_TEST_DATA) + "/reward/extraction.jsonl");
  int64_t count = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++count) {
    const auto response = row->at("response").get<std::string>();
    const auto found = extract(response, extraction_rules());
    if (row->at("answer").is_null()) {
      EXPECT_FALSE(found.has_value()) << response;
      continue;
    }
    ASSERT_TRUE(found.has_value()) << response;
    EXPECT_EQ(found->answer, row->at("answer")) << response;
    EXPECT_EQ(found->rule, row->at("rule")) << response;
    EXPECT_EQ(response.substr(found->bytes.begin, found->bytes.end - found->bytes.begin),
              found->answer);
  }
  EXPECT_GE(count, 40);
}

TEST(Extract, FollowsTheOrderOfTheRules) {
  const std::string response = "\\boxed{1} the answer is 2 #### 3";

  EXPECT_EQ(extract(response, {"hashes", "boxed"})->answer, "3");
  EXPECT_EQ(extract(response, {"boxed", "hashes"})->answer, "1");
  EXPECT_FALSE(extract(response, {"answer_tag"}).has_value());
}

TEST(Extract, TakesTimeThatGrowsWithTheTextWhateverItIs) {
  for (const std::string unit :
       {"\\boxed{", "\\boxed ", "{", "answer is ", "<answer>", "####", "1,", "1/", "-", "\\"}) {
    std::string text;
    while (text.size() < 1000000) text += unit;

    // Time of this process alone: the machine may be busy with others.
    const std::clock_t start = std::clock();
    (void)extract(text, extraction_rules());
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;

    EXPECT_LT(seconds, 1.0) << unit;
  }
}

}  // namespace
}  // namespace stratagram::reward
