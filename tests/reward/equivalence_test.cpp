#include "reward/equivalence.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/jsonl.h"
#include "tests/support/respellings.h"

namespace stratagram::reward {
namespace {

struct Case {
  std::string kind, gold, answer;
  bool same = false;
};

std::vector<Case> cases() {
  JsonlReader reader(std::string(STRATAGRAM_TEST_DATA) + "/equivalence.jsonl");
  std::vector<Case> all;
  for (auto row = reader.next(); row; row = reader.next()) {
    all.push_back({row->at("kind"), row->at("gold"), row->at("answer"), row->at("same")});
  }
  return all;
}

std::string explained(const Case& c, const Comparison& comparison) {
  return fmt::format("{}: gold '{}' answer '{}': {}, {} against {}",
                     c.kind,
                     c.gold,
                     c.answer,
                     comparison.reason,
                     comparison.gold_form,
                     comparison.predicted_form);
}

TEST(CompareAnswers, RulesOnTheTableOfCases) {
  for (const Case& c : cases()) {
    const Comparison comparison = compare_answers(c.gold, c.answer);
    EXPECT_EQ(comparison.verdict == Verdict::kCorrect, c.same) << explained(c, comparison);
    EXPECT_NE(comparison.verdict, Verdict::kError) << explained(c, comparison);
  }
}

TEST(CompareAnswers, IsTestedByAsManyPairsThatDifferAsThatAgree) {
  std::map<bool, int64_t> counts;
  std::set<std::string> kinds;
  for (const Case& c : cases()) {
    ++counts[c.same];
    kinds.insert(c.kind);
  }
  EXPECT_GE(counts[true], 600);
  EXPECT_GE(counts[false], 600);
  EXPECT_GE(kinds.size(), 30U);
}

TEST(CompareAnswers, FindsEveryTextEqualToItself) {
  // With nothing in them that could be an answer: as gold answers they are at fault.
  const std::set<std::string> no_answers = {"???", "\\boxed{}"};
  for (const Case& c : cases()) {
    if (c.answer.find_first_not_of(' ') == std::string::npos) continue;
    EXPECT_EQ(compare_answers(c.gold, c.gold).verdict, Verdict::kCorrect) << c.gold;
    // Other white space keeps equal texts from deciding.
    const Comparison comparison = compare_answers(c.answer, "\\, " + c.answer);
    if (no_answers.contains(c.answer)) {
      EXPECT_EQ(comparison.reason, "blank_gold") << explained(c, comparison);
    } else {
      EXPECT_EQ(comparison.verdict, Verdict::kCorrect) << explained(c, comparison);
    }
  }
}

// By rule the gold answer leads where it has a unit, a percent sign, a date or a time, is a choice
// or a whole solution, or has a decimal point where the answer has a comma.
TEST(CompareAnswers, DoesNotCareWhichSideIsGold) {
  const std::set<std::string> led = {"unit",
                                     "percent",
                                     "currency",
                                     "degree",
                                     "datetime",
                                     "plain",
                                     "choice",
                                     "solution",
                                     "decimal comma"};
  for (const Case& c : cases()) {
    if (led.contains(c.kind) || c.answer.find_first_not_of(' ') == std::string::npos) continue;
    const Comparison there = compare_answers(c.gold, c.answer);
    const Comparison back = compare_answers(c.answer, c.gold);
    EXPECT_EQ(back.verdict == Verdict::kCorrect, there.verdict == Verdict::kCorrect)
        << explained(c, there) << "; back " << back.reason;
  }
}

TEST(CompareAnswers, DoesNotChangeWithHarmlessRespelling) {
  int64_t count = 0;
  for (const Case& c : cases()) {
    if (c.answer.find_first_not_of(' ') == std::string::npos) continue;
    for (const auto& [name, spelled] : respellings(c.answer)) {
      const Comparison comparison = compare_answers(c.gold, spelled);
      EXPECT_EQ(comparison.verdict == Verdict::kCorrect, c.same)
          << name << " '" << spelled << "' " << explained(c, comparison);
      ++count;
    }
  }
  EXPECT_GT(count, 5000);
}

TEST(CompareAnswers, GivesTheSameVerdictsOnManyThreads) {
  const std::vector<Case> all = cases();
  const auto reasons = [&all] {
    std::string text;
    for (const Case& c : all) {
      const Comparison comparison = compare_answers(c.gold, c.answer);
      text += fmt::format("{} {}\n", comparison.reason, comparison.steps);
    }
    return text;
  };
  const std::string wanted = reasons();

  std::vector<std::string> got(4);
  std::vector<std::thread> threads;
  for (std::string& one : got) threads.emplace_back([&one, &reasons] { one = reasons(); });
  for (std::thread& thread : threads) thread.join();

  for (const std::string& one : got) EXPECT_EQ(one, wanted);
}

TEST(CompareAnswers, TakesNoSymbolOfTheGoldForAChoice) {
  EXPECT_EQ(compare_answers("B", "b").verdict, Verdict::kCorrect);
  EXPECT_EQ(compare_answers("b", "B").verdict, Verdict::kWrong);
  EXPECT_EQ(compare_answers("AC", "A, C").verdict, Verdict::kWrong);
}

TEST(CompareAnswers, TakesBytesThatAreNoTextForNothing) {
  EXPECT_EQ(compare_answers("\xFF", "\xFE").verdict, Verdict::kError);
  EXPECT_EQ(compare_answers("5", "5\xFE").reason, "not_utf8");
}

TEST(CompareAnswers, NamesWhatCannotBeRead) {
  EXPECT_EQ(compare_answers(" ", "5").verdict, Verdict::kError);
  EXPECT_EQ(compare_answers(" ", "5").reason, "blank_gold");
  EXPECT_EQ(compare_answers(std::string(100000, '('), "5").reason, "unreadable_gold");
  EXPECT_EQ(compare_answers("5", "  ").reason, "blank_answer");
  const Comparison deep =
      compare_answers("5", std::string(3000, '(') + "5" + std::string(3000, ')'));
  EXPECT_EQ(deep.verdict, Verdict::kUnparseable);
  EXPECT_EQ(deep.reason, "too_deep");
  const Comparison longer = compare_answers("5", std::string(100000, '7'));
  EXPECT_EQ(longer.verdict, Verdict::kUnparseable);
  EXPECT_EQ(longer.reason, "too_long");
}

TEST(CompareAnswers, CallsASpentBudgetATimeout) {
  const math::EqualityOptions little{.max_steps = 10};

  const Comparison comparison = compare_answers("(a+b+c)^{9}", "(c+b+a)^{8}(a+b+c)", little);

  EXPECT_EQ(comparison.verdict, Verdict::kTimeout);
  EXPECT_EQ(comparison.reason, "budget_spent");
  EXPECT_EQ(compare_answers("(a+b+c)^{9}", "(c+b+a)^{8}(a+b+c)").verdict, Verdict::kCorrect);
}

TEST(CompareAnswers, FollowsItsOptions) {
  const math::EqualityOptions three{.tolerance = {.min_significant_digits = 3}};
  const math::EqualityOptions near{.tolerance = {.absolute = 0.1}};
  const auto verdict = [](const char* gold, const char* answer, const math::EqualityOptions& how) {
    return compare_answers(gold, answer, how).verdict;
  };

  EXPECT_EQ(verdict("1/3", "0.333", {}), Verdict::kWrong);
  EXPECT_EQ(verdict("1/3", "0.333", three), Verdict::kCorrect);
  EXPECT_EQ(verdict("1/3", "0.33", three), Verdict::kWrong);
  EXPECT_EQ(verdict("4.2", "4.28", near), Verdict::kCorrect);
  EXPECT_EQ(verdict("4.2", "4.31", near), Verdict::kWrong);
  EXPECT_EQ(verdict("5 cm", "5", {}), Verdict::kCorrect);
  EXPECT_EQ(verdict("5 cm", "5", {.strict_units = true}), Verdict::kWrong);
  EXPECT_EQ(verdict("x=5", "y=5", {}), Verdict::kCorrect);
  EXPECT_EQ(verdict("x=5", "y=5", {.strict_labels = true}), Verdict::kWrong);
}

TEST(ListsValues, TellsSeveralFromOne) {
  for (const char* gold : {"1, 2", "\\{3, 4\\}", "(1, 2)", "\\pm 3"}) {
    EXPECT_TRUE(lists_values(gold)) << gold;
  }
  for (const char* gold : {"12", "1,234", "x+1", "[0, 1]", "east", ""}) {
    EXPECT_FALSE(lists_values(gold)) << gold;
  }
}

}  // namespace
}  // namespace stratagram::reward
