#include "reward/equivalence.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "tests/support/shared_data.h"

namespace stratagram::reward {
namespace {

constexpr double kTolerance = 1e-6;

struct Case {
  std::string gold, answer, verdict;
};

std::vector<Case> cases() {
  JsonlReader reader(std::string(STRATAGRAM_TEST_DATA) + "/reward/equivalence.jsonl");
  std::vector<Case> all;
  for (auto row = reader.next(); row; row = reader.next()) {
    all.push_back({row->at("gold"), row->at("answer"), row->at("verdict")});
  }
  return all;
}

TEST(CompareAnswers, RulesOnTheTableOfCases) {
  const std::vector<Case> all = cases();
  ASSERT_GE(all.size(), 120U);
  for (const Case& c : all) {
    const Comparison comparison = compare_answers(c.gold, c.answer, kTolerance);
    EXPECT_EQ(verdict_name(comparison.verdict), c.verdict)
        << "gold '" << c.gold << "' answer '" << c.answer << "': " << comparison.reason << ", "
        << comparison.gold_form << " against " << comparison.predicted_form;
  }
}

TEST(CompareAnswers, IsSymmetricAndReflexive) {
  for (const Case& c : cases()) {
    if (compare_answers(c.answer, c.gold, kTolerance).reason == "blank_gold") continue;
    EXPECT_EQ(compare_answers(c.answer, c.gold, kTolerance).verdict,
              compare_answers(c.gold, c.answer, kTolerance).verdict)
        << c.gold << " and " << c.answer;
    EXPECT_EQ(compare_answers(c.gold, c.gold, kTolerance).verdict, Verdict::kCorrect) << c.gold;
  }
}

TEST(CompareAnswers, DoesNotChangeWithHarmlessRespelling) {
  for (const Case& c : cases()) {
    if (c.answer.empty()) continue;
    const Verdict verdict = compare_answers(c.gold, c.answer, kTolerance).verdict;
    for (const std::string& spelled : {" " + c.answer + " ", "$" + c.answer + "$"}) {
      EXPECT_EQ(compare_answers(c.gold, spelled, kTolerance).verdict, verdict) << spelled;
    }
  }
}

TEST(CompareAnswers, CallsABlankGoldAnError) {
  EXPECT_EQ(compare_answers(" ", "5", kTolerance).verdict, Verdict::kError);
}

TEST(CompareAnswers, FindsEveryRealGoldEqualToItself) {
  int64_t count = 0;
  for (const char* name : {"mawps", "asdiv", "gsm8k_test", "svamp"}) {
    const auto file = shared_data(std::string("benchmarks/") + name + ".jsonl");
    if (!file) GTEST_SKIP() << "the real problem sets are absent";
    JsonlReader reader(*file);
    for (auto row = reader.next(); row; row = reader.next(), ++count) {
      const auto gold = row->at("answer").get<std::string>();
      EXPECT_EQ(compare_answers(gold, gold, kTolerance).verdict, Verdict::kCorrect) << gold;
    }
  }
  EXPECT_GT(count, 4000);
}

}  // namespace
}  // namespace stratagram::reward
