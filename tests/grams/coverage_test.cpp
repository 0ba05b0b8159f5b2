#include "grams/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "grams/coverage_output.h"
#include "tests/support/expect_error.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Matcher matcher() {
  return Matcher({.name = "test",
                  .grams = {{.text = "let me", .role = Role::kBranching},
                            {.text = "let me check", .role = Role::kBacktracing},
                            {.text = "me check if", .role = Role::kOther},
                            {.text = "so now", .role = Role::kDeduction}}});
}

text::Solution solution(const std::string& response,
                        const std::string& source = "run",
                        std::optional<int64_t> step = {}) {
  return {.response = response, .step = step, .source = source};
}

text::Tokenizer tokenizer() {
  return text::Tokenizer::from_json_file(std::string(STRATAGRAM_TEST_DATA) +
                                         "/text/smollm/tokenizer.json");
}

TEST(Coverage, CountsOverlappedWordsOnceAndGramsInsideLongerOnesAsHeld) {
  const Matcher grams = matcher();
  Coverage coverage(grams);

  coverage.add(solution("Let me check if it is."), json::object(), "f:1");

  const CoverageSums all = coverage.all();
  EXPECT_EQ(all.words, 6);
  EXPECT_EQ(all.planning_words, 4) << "let me check if";
  EXPECT_THAT(all.occurrences, ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(all.gram_responses, ElementsAre(1, 1, 1, 0));
  EXPECT_EQ(all.num_grams(), 3);
  EXPECT_EQ(all.roles[static_cast<size_t>(Role::kBacktracing)], 1);
  EXPECT_EQ(all.roles[static_cast<size_t>(Role::kBranching)], 0);
}

TEST(Coverage, CountsAResponseOnceForAGramThatItHoldsTwice) {
  const Matcher grams = matcher();
  Coverage coverage(grams);

  coverage.add(solution("So now. So now."), json::object(), "f:1");

  EXPECT_EQ(coverage.all().occurrences[3], 2);
  EXPECT_EQ(coverage.all().gram_responses[3], 1);
}

TEST(Coverage, KeepsSourcesAndStepsApart) {
  const Matcher grams = matcher();
  Coverage coverage(grams);

  coverage.add(solution("so now", "a", 10), json::object(), "f:1");
  coverage.add(solution("so", "a", 9), json::object(), "f:2");
  coverage.add(solution("so now", "a", 10), json::object(), "f:3");
  coverage.add(solution("so now", "b"), json::object(), "f:4");

  std::vector<std::tuple<std::string, int64_t, int64_t>> seen;
  for (const auto& [key, sums] : coverage.groups()) {
    seen.emplace_back(key.source, key.step.value_or(-1), sums.planning_words);
  }
  using Seen = std::tuple<std::string, int64_t, int64_t>;
  EXPECT_THAT(seen, ElementsAre(Seen("a", 9, 0), Seen("a", 10, 4), Seen("b", -1, 2)));
  EXPECT_EQ(coverage.all().planning_words, 6);
}

TEST(Coverage, CountsTokensThatShareInkWithAGram) {
  const Matcher grams = matcher();
  const text::Tokenizer words = tokenizer();
  const std::string response = "Hm, so now 5.";
  const std::vector<int32_t> ids = words.encode(response, /*add_special=*/false).ids;
  Coverage coverage(grams, words);

  coverage.add(solution(response), {{"token_ids", ids}}, "f:1");
  coverage.add(solution(response), json::object(), "f:2");

  EXPECT_EQ(coverage.all().tokens, static_cast<int64_t>(ids.size())) << "the second row has none";
  EXPECT_EQ(coverage.all().planning_tokens, 5) << "' s' 'o' 'n' 'o' 'w', but not the ' ' between";
  EXPECT_EQ(coverage.num_with_tokens(), 1);
}

TEST(Coverage, RefusesTokensOfAnotherText) {
  const Matcher grams = matcher();
  Coverage coverage(grams, tokenizer());
  const auto add = [&](const json& ids) {
    coverage.add(solution("so now"), {{"token_ids", ids}}, "f.jsonl:7");
  };

  expect_error([&] { add({1, 2}); }, ErrorKind::kData, "f.jsonl:7: field 'token_ids': this");
  expect_error([&] { add("so"); }, ErrorKind::kData, "f.jsonl:7");
  expect_error([&] { add({-1}); }, ErrorKind::kData, "wanted ids from 0 to 2147483647, got -1");
}

TEST(CoverageOutput, LeavesOutWhatHasNoData) {
  const Matcher grams = matcher();
  Coverage coverage(grams);
  coverage.add(solution(""), json::object(), "f:1");

  const json found = to_json(coverage, {});

  EXPECT_FALSE(found.at("all").contains("planning_word_share"));
  EXPECT_FALSE(found.at("all").contains("tokens"));
  EXPECT_FALSE(found.at("groups")[0].contains("step"));
  EXPECT_THAT(found.at("never"), ElementsAre("let me", "let me check", "me check if", "so now"));
  EXPECT_THAT(to_text(coverage, {}), Not(HasSubstr("nan")));
}

TEST(CoverageOutput, GivesResponsesOfEachGramInTheOrderOfTheGroups) {
  const Matcher grams = matcher();
  Coverage coverage(grams);
  coverage.add(solution("so now", "b"), json::object(), "f:1");
  coverage.add(solution("so", "a"), json::object(), "f:2");
  coverage.add(solution("so now", "b"), json::object(), "f:3");

  const json found = to_json(coverage, {});

  EXPECT_EQ(found.at("groups")[0].at("source"), "a");
  EXPECT_EQ(found.at("grams")[3].at("responses_by_group"), json::array({0, 2}));
}

TEST(CoverageOutput, PrintsALineAGroupAndOneForAll) {
  const Matcher grams = matcher();
  Coverage coverage(grams);
  coverage.add(solution("so now it is", "long-name", 3), json::object(), "f:1");
  coverage.add(solution("let me check", "x", 12), json::object(), "f:2");

  const std::string text = to_text(
      coverage, std::vector<UnlistedGram>{{.text = "it is done", .documents = 8, .share = 0.5}});

  EXPECT_THAT(text, HasSubstr("test: 3 of 4 grams occur in 2 responses\n"));
  EXPECT_THAT(text,
              HasSubstr("\nlong-name      3         1          4  50.00 %        -      1 "
                        "     250.00        0.00        0.00        0.00\n"));
  EXPECT_THAT(text, HasSubstr("\nall            -         2          7  71.43 %"));
  EXPECT_THAT(text, HasSubstr("\n1 grams never occur:\n  me check if\n"));
  EXPECT_THAT(text, HasSubstr("\n        8  50.00 %        -        -  it is done\n"));
}

}  // namespace
}  // namespace stratagram::grams
