// The gold answers of real benchmarks are equal to themselves however they are spelled.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "reward/equivalence.h"
#include "tests/support/respellings.h"
#include "tests/support/shared_data.h"

namespace stratagram::reward {
namespace {

class RealGolds : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto file = shared_data(std::string("benchmarks/") + GetParam() + ".jsonl");
    if (!file) GTEST_SKIP() << "no benchmarks; see STRATAGRAM_SHARED_DATA in CONTRIBUTING.md";
    JsonlReader reader(*file);
    for (auto row = reader.next(); row; row = reader.next()) {
      auto gold = row->at("answer").get<std::string>();
      if (gold.find_first_not_of(" \n") != std::string::npos) golds_.push_back(std::move(gold));
    }
  }

  std::vector<std::string> golds_;
};

TEST_P(RealGolds, AreEqualToThemselvesInOtherSpellings) {
  int64_t count = 0;
  for (const std::string& gold : golds_) {
    EXPECT_EQ(compare_answers(gold, gold).verdict, Verdict::kCorrect) << gold;
    for (const auto& [name, spelled] : respellings(gold)) {
      const Comparison comparison = compare_answers(gold, spelled);
      EXPECT_EQ(comparison.verdict, Verdict::kCorrect)
          << name << ": gold '" << gold << "' spelled '" << spelled << "': " << comparison.reason
          << ", " << comparison.gold_form << " against " << comparison.predicted_form;
      ++count;
    }
  }
  EXPECT_GT(count, static_cast<int64_t>(2 * golds_.size()));
}

// Not with a digit more: a decimal of six digits is the rounded value of a longer one by rule, and
// a digit behind \frac43 is a factor.
TEST_P(RealGolds, AreNotEqualToOnesWithAnotherLastDigit) {
  for (const std::string& gold : golds_) {
    const size_t last = gold.find_last_of("0123456789");
    if (last == std::string::npos) continue;
    std::string other = gold;
    other[last] = static_cast<char>(gold[last] == '9' ? '8' : gold[last] + 1);
    const Comparison comparison = compare_answers(gold, other);
    EXPECT_NE(comparison.verdict, Verdict::kCorrect)
        << gold << " and " << other << ": " << comparison.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Benchmarks,
                         RealGolds,
                         testing::Values("aime24",
                                         "aime25",
                                         "amc23",
                                         "math500",
                                         "minerva_math",
                                         "olympiadbench",
                                         "gaokao2023en",
                                         "olymmath_en",
                                         "gsm8k_test",
                                         "asdiv",
                                         "mawps",
                                         "svamp"),
                         [](const auto& set) { return std::string(set.param); });

}  // namespace
}  // namespace stratagram::reward
