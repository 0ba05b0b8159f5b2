// Answers that cost a careless verifier its time, memory or stack.
#include <gtest/gtest.h>

#include <ctime>

#include "reward/equivalence.h"
#include "tests/support/hostile_answers.h"

namespace stratagram::reward {
namespace {

TEST(HostileAnswers, GetAVerdictWithinTheBudget) {
  const math::EqualityOptions options;
  for (const HostileAnswer& hostile : hostile_answers()) {
    SCOPED_TRACE(hostile.name);

    const Comparison comparison = compare_answers(hostile.gold, hostile.answer, options);

    EXPECT_FALSE(comparison.reason.empty());
    EXPECT_LE(comparison.steps, options.max_steps);
    EXPECT_LE(comparison.gold_form.size(), 500U);
    EXPECT_LE(comparison.predicted_form.size(), 500U);
  }
}

// Counted steps only bound the time while each costs about what it should; this catches one that
// costs a thousand times as much. Time of this process alone; sanitizers are slow.
TEST(HostileAnswers, TakeNoLongerThanTheirSteps) {
  for (const HostileAnswer& hostile : hostile_answers()) {
    const std::clock_t start = std::clock();
    (void)compare_answers(hostile.gold, hostile.answer);
    (void)compare_answers(hostile.answer, hostile.gold);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 2.0) << hostile.name;
  }
}

TEST(HostileAnswers, GetTheSameVerdictTwice) {
  for (const HostileAnswer& hostile : hostile_answers()) {
    const Comparison first = compare_answers(hostile.gold, hostile.answer);
    const Comparison second = compare_answers(hostile.gold, hostile.answer);
    EXPECT_EQ(first.reason, second.reason) << hostile.name;
    EXPECT_EQ(first.steps, second.steps) << hostile.name;
  }
}

// Where the truth is known: never correct for another value, whatever the budget.
TEST(HostileAnswers, AreNotAcceptedForAnotherValue) {
  const auto verdict = [](const std::string& name) {
    for (const HostileAnswer& hostile : hostile_answers()) {
      if (hostile.name == name) return compare_answers(hostile.gold, hostile.answer).verdict;
    }
    ADD_FAILURE() << name;
    return Verdict::kError;
  };
  for (const char* name : {"tower of powers",
                           "tower of small differences",
                           "huge factorial",
                           "factorials that differ by one",
                           "integer of 10,000 digits",
                           "fraction of integers of 10,000 digits",
                           "exponent of ten digits",
                           "negative exponent of ten digits",
                           "negative tower",
                           "nested radicals",
                           "power of a long sum",
                           "identity that needs digits",
                           "sine of a huge number",
                           "exponential of exponentials",
                           "division by zero in disguise",
                           "logarithm of zero",
                           "infinity less infinity"}) {
    EXPECT_NE(verdict(name), Verdict::kCorrect) << name;
  }
}

}  // namespace
}  // namespace stratagram::reward
