#include "reward/extraction.h"

#include <gtest/gtest.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "core/stream.h"

namespace stratagram::reward {
namespace {

std::vector<std::string> texts_at(const std::string& response, const std::vector<Range>& ranges) {
  std::vector<std::string> texts;
  for (const Range& range : ranges) {
    texts.push_back(response.substr(range.begin, range.end - range.begin));
  }
  return texts;
}

// Each part stands where it says and is in the answer; one part is all of it.
void expect_true_spans(const std::string& response, const Extraction& found) {
  ASSERT_FALSE(found.parts.empty()) << response;
  const std::vector<std::string> parts = texts_at(response, found.parts);
  for (const std::string& part : parts) {
    EXPECT_NE(found.answer.find(part), std::string::npos) << response;
  }
  if (parts.size() == 1) {
    EXPECT_EQ(parts.front(), found.answer) << response;
  }
  EXPECT_EQ(found.bytes.begin, found.parts.front().begin) << response;
  EXPECT_EQ(found.bytes.end, found.parts.back().end) << response;
}

TEST(Extract, FindsWhatTheTableOfCasesSays) {
  JsonlReader reader(std::string(STRATAGRAM_TEST_DATA) + "/reward/extraction.jsonl");
  int64_t count = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++count) {
    const auto response = row->at("response").get<std::string>();
    const auto finish = finish_of(row->value("finish", "stop"));
    const auto found = extract(response, extraction_rules(), finish.value());
    if (row->at("answer").is_null()) {
      EXPECT_FALSE(found.has_value()) << response << " gave " << found->answer;
      continue;
    }
    ASSERT_TRUE(found.has_value()) << response;
    EXPECT_EQ(found->answer, row->at("answer")) << response;
    EXPECT_EQ(found->rule, row->at("rule")) << response;
    expect_true_spans(response, *found);
    if (row->contains("parts")) {
      EXPECT_EQ(texts_at(response, found->parts), row->at("parts")) << response;
    }
    if (row->contains("nearby")) {
      EXPECT_EQ(texts_at(response, found->nearby), row->at("nearby")) << response;
    }
  }
  EXPECT_GE(count, 126);
}

TEST(Extract, NamesTrueSpansInRandomText) {
  const std::vector<std::string> pieces = {"\\boxed{",
                                           "\\boxed ",
                                           "}",
                                           "{",
                                           "5",
                                           "x",
                                           " and ",
                                           " or ",
                                           ", ",
                                           "\n",
                                           "$",
                                           "\\(",
                                           "\\)",
                                           "\\[",
                                           "\\]",
                                           "$$",
                                           "The answer is ",
                                           "final answer:",
                                           "#### ",
                                           "<answer>",
                                           "</answer>",
                                           "</think>",
                                           ".",
                                           "**",
                                           "1,234",
                                           "-",
                                           " ",
                                           "\xe2\x88\x92",
                                           "because ",
                                           "\\frac12",
                                           "not "};
  int64_t found_count = 0;
  for (uint64_t round = 0; round < 20000; ++round) {
    const Stream stream({.seed = round, .purpose = "pieces"});
    std::string text;
    for (uint64_t i = 0; i < stream.below(24, 0); ++i) {
      text += pieces[stream.below(pieces.size(), i + 1)];
    }
    for (const std::string& rule : extraction_rules()) {
      for (const Finish finish : {Finish::kStop, Finish::kLength}) {
        const auto found = extract(text, {rule}, finish);
        if (!found) continue;
        ++found_count;
        expect_true_spans(text, *found);
        EXPECT_FALSE(found->answer.empty()) << text;
      }
    }
  }
  EXPECT_GT(found_count, 20000);
}

TEST(Extract, FollowsTheOrderOfTheRules) {
  const std::string response = "\\boxed{1} the answer is 2 #### 3";

  EXPECT_EQ(extract(response, {"hashes", "boxed"})->answer, "3");
  EXPECT_EQ(extract(response, {"boxed", "hashes"})->answer, "1");
  EXPECT_FALSE(extract(response, {"answer_tag"}).has_value());
}

TEST(Extract, TakesTimeThatGrowsWithTheTextWhateverItIs) {
  for (const std::string unit : {"\\boxed{",
                                 "\\boxed ",
                                 "{",
                                 "answer is ",
                                 "answer is correct.",
                                 "final answer:",
                                 "<answer>",
                                 "####",
                                 "1,",
                                 "1/",
                                 "-",
                                 "\\",
                                 "\\boxed{1}",
                                 "\\boxed{1} and ",
                                 "$",
                                 "$1$",
                                 "\\(",
                                 "</think>",
                                 "answer",
                                 "answer:\n",
                                 "1{,}234",
                                 "**answer**\n",
                                 "1e1",
                                 "\\[",
                                 "the answer is a b 5 "}) {
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
