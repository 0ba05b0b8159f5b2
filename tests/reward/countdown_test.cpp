#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "core/stream.h"
#include "reward/countdown_checker.h"

namespace stratagram::reward {
namespace {

TEST(CheckCountdown, RulesOnTheTableOfCases) {
  JsonlReader reader(std::string(STRATAGRAM_TEST_DATA) + "/reward/countdown.jsonl");
  int64_t count = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++count) {
    const auto numbers = row->at("nums").get<std::vector<int64_t>>();
    const CountdownCheck check =
        check_countdown(row->at("answer").get<std::string>(), numbers, row->at("target"));
    EXPECT_EQ(check.reason, row->at("reason")) << row->dump();
    EXPECT_EQ(check.verdict == Verdict::kCorrect, row->at("reason") == "reaches_target");
  }
  EXPECT_GE(count, 40);
}

// A random expression as text and its value in floating point.
std::pair<std::string, double> random_expression(const Stream& stream, uint64_t& draw, int depth) {
  if (depth == 0 || stream.below(3, draw++) == 0) {
    const auto number = static_cast<int64_t>(1 + stream.below(99, draw++));
    return {std::to_string(number), static_cast<double>(number)};
  }
  const auto [left, a] = random_expression(stream, draw, depth - 1);
  const auto [right, b] = random_expression(stream, draw, depth - 1);
  switch (stream.below(4, draw++)) {
    case 0:
      return {"(" + left + "+" + right + ")", a + b};
    case 1:
      return {"(" + left + " - " + right + ")", a - b};
    case 2:
      return {left + "*" + right, a * b};
    default:
      return {"(" + left + "/(" + right + "))", a / b};
  }
}

TEST(Evaluate, EqualsFloatingPointOnRandomExpressions) {
  int64_t evaluated = 0;
  for (uint64_t round = 0; round < 3000; ++round) {
    const Stream stream({.seed = round, .purpose = "expression"});
    uint64_t draw = 0;
    const auto [text, wanted] = random_expression(stream, draw, 4);

    const Evaluation evaluation = evaluate(text);

    if (!evaluation.value) {
      EXPECT_EQ(evaluation.fault, "division_by_zero_or_overflow") << text;
      continue;
    }
    ++evaluated;
    // Differences may cancel, so the error is absolute and as large as the largest term's rounding.
    EXPECT_NEAR(evaluation.value->as_double(), wanted, 1e-6 * (1 + std::abs(wanted))) << text;
  }
  EXPECT_GT(evaluated, 2900);
}

}  // namespace
}  // namespace stratagram::reward
