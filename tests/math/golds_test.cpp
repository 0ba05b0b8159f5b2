#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string>

#include "core/jsonl.h"
#include "math/parse.h"
#include "tests/support/shared_data.h"

namespace stratagram::math {
namespace {

/// Letters, spaces and punctuation around them: nothing that a formula could be made of. LaTeX's
/// \text{ } may be around it.
bool is_words(std::string text) {
  for (const std::string command : {"\\text{", "\\mbox{", "\\text {"}) {
    for (size_t at = text.find(command); at != std::string::npos; at = text.find(command)) {
      text.erase(at, command.size());
    }
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 ||
           std::string(" {}$,.'-").find(c) != std::string::npos;
  });
}

/// Golds of a set that are read as words though they are none.
void expect_all_read(const std::string& name, int64_t most_unread) {
  const auto file = shared_data(name);
  if (!file) GTEST_SKIP() << "no " << name << "; see STRATAGRAM_SHARED_DATA in CONTRIBUTING.md";
  JsonlReader reader(*file);
  int64_t num_unread = 0;
  while (const auto row = reader.next()) {
    const auto& field = row->at("answer");
    const std::string gold = field.is_string() ? field.get<std::string>() : field.dump();
    const Parsed parsed = parse_answer(gold);
    if (parsed.readings.empty()) {
      EXPECT_EQ(parsed.fault, "empty") << gold;
      continue;
    }
    EXPECT_LE(parsed.readings.size(), 4U) << gold;
    const bool unread = parsed.readings.front().kind == AnswerKind::kText && !is_words(gold);
    if (unread) ++num_unread;
    if (unread) testing::Test::RecordProperty(fmt::format("unread_{}", num_unread), gold);
  }
  EXPECT_LE(num_unread, most_unread) << "run with --gtest_output=xml to see which";
}

TEST(GoldAnswers, OfAimeAndAmcAreAllRead) {
  expect_all_read("benchmarks/aime24.jsonl", 0);
  expect_all_read("benchmarks/aime25.jsonl", 0);
  expect_all_read("benchmarks/amc23.jsonl", 0);
}

TEST(GoldAnswers, OfMath500AreAllRead) {
  expect_all_read("benchmarks/math500.jsonl", 0);
}

TEST(GoldAnswers, OfMinervaAreAllRead) {
  expect_all_read("benchmarks/minerva_math.jsonl", 0);
}

// One is a sentence about two parameters.
TEST(GoldAnswers, OfOlympiadBenchAreAllReadButASentence) {
  expect_all_read("benchmarks/olympiadbench.jsonl", 1);
}

TEST(GoldAnswers, OfOlymMathAreAllRead) {
  expect_all_read("benchmarks/olymmath_en.jsonl", 0);
}

// One carries the first word of its solution behind the number.
TEST(GoldAnswers, OfGaokaoAreAllReadButABrokenOne) {
  expect_all_read("benchmarks/gaokao2023en.jsonl", 1);
}

TEST(GoldAnswers, OfGsm8kAreAllRead) {
  expect_all_read("benchmarks/gsm8k_test.jsonl", 0);
  expect_all_read("train/gsm8k_train.jsonl", 0);
}

TEST(GoldAnswers, OfMathTrainAreAllRead) {
  expect_all_read("train/math_train.jsonl", 0);
}

}  // namespace
}  // namespace stratagram::math
